namespace Gateway.Proxy;

/// <summary>YARP by the settings <c>ReverseProxy</c>, and what of its client has no setting.</summary>
internal static class ProxySetup
{
    // A destination in the same network answers within milliseconds, or is not there.
    private static readonly TimeSpan s_connectTimeout = TimeSpan.FromSeconds(2);

    // So that a name that points elsewhere is noticed.
    private static readonly TimeSpan s_connectionLifetime = TimeSpan.FromMinutes(5);

    public static void AddProxy(this WebApplicationBuilder builder) => builder.Services.AddReverseProxy()
        .LoadFromConfig(builder.Configuration.GetSection("ReverseProxy"))
        .ConfigureHttpClient(static (_, handler) =>
        {
            handler.ConnectTimeout = s_connectTimeout;
            handler.PooledConnectionLifetime = s_connectionLifetime;
        });
}
