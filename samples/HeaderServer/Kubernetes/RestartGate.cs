using OneShot.AspNetCore.Restart;

namespace HeaderServer.Kubernetes;

/// <summary><c>OneShot:RestartLease</c>: the name of a Lease that replicas take before they drain, so that one goes at a time.</summary>
internal static class RestartGate
{
    public const string Key = "OneShot:RestartLease";

    /// <returns>Whether one is set.</returns>
    /// <exception cref="InvalidSettingException">It is, and there is no cluster to ask.</exception>
    public static bool TryAdd(WebApplicationBuilder builder)
    {
        if (builder.Configuration[Key] is not { Length: > 0 } name)
        {
            return false;
        }

        HttpClient cluster = Cluster.Connect(); // now, not with the first question
        builder.Services.AddSingleton(services => new LeaseGate(
            cluster,
            $"/apis/coordination.k8s.io/v1/namespaces/{Cluster.Namespace}/leases",
            name,
            Environment.MachineName, // the pod's name, and the same after a restart
            TimeProvider.System,
            services.GetRequiredService<ILogger<LeaseGate>>()));
        builder.Services.AddSingleton<IRestartGate>(static services => services.GetRequiredService<LeaseGate>());
        builder.Services.AddHostedService(static services => services.GetRequiredService<LeaseGate>());
        return true;
    }
}
