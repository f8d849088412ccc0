using Microsoft.Extensions.Diagnostics.HealthChecks;
using Yarp.ReverseProxy;

namespace Gateway.Proxy;

/// <summary>
/// Whether every cluster has a destination to send requests to. Degraded and not unhealthy without one: all gateways would leave the rotation for a fault
/// that is none of theirs.
/// </summary>
internal sealed class BackendHealthCheck(IProxyStateLookup proxy) : IHealthCheck
{
    public Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default)
    {
        string[] empty = [.. proxy.GetClusters().Where(static cluster => cluster.DestinationsState.AvailableDestinations.Count == 0).Select(static cluster => cluster.ClusterId)];
        return Task.FromResult(empty.Length == 0
            ? HealthCheckResult.Healthy()
            : HealthCheckResult.Degraded($"No destination is available of {string.Join(", ", empty)}."));
    }
}
