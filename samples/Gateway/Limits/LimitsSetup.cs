using System.Threading.RateLimiting;
using Microsoft.AspNetCore.Http.Timeouts;
using Microsoft.AspNetCore.RateLimiting;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.Options;

namespace Gateway.Limits;

/// <summary>Hands the limits to who holds them: the server, the limiter of concurrent requests, the timeouts.</summary>
internal static class LimitsSetup
{
    private static readonly TimeSpan s_headTimeout = TimeSpan.FromSeconds(10);

    public static void AddLimits(this WebApplicationBuilder builder)
    {
        builder.Services.AddOptions<GatewayLimits>().BindConfiguration(GatewayLimits.Section).ValidateDataAnnotations().ValidateOnStart();
        builder.Services.AddRateLimiter();
        builder.Services.AddRequestTimeouts();
        builder.Services.AddOptions<KestrelServerOptions>().Configure<IOptions<GatewayLimits>>(static (kestrel, limits) =>
        {
            kestrel.AddServerHeader = false;
            kestrel.Limits.MaxConcurrentConnections = limits.Value.MaxConnections;
            kestrel.Limits.MaxConcurrentUpgradedConnections = limits.Value.MaxConnections;
            kestrel.Limits.MaxRequestBodySize = limits.Value.MaxRequestBodySize;
            kestrel.Limits.RequestHeadersTimeout = s_headTimeout;
        });
        builder.Services.AddOptions<RateLimiterOptions>().Configure<IOptions<GatewayLimits>>(static (limiter, limits) =>
        {
            int most = limits.Value.MaxConcurrentRequests;
            limiter.RejectionStatusCode = StatusCodes.Status503ServiceUnavailable;
            limiter.GlobalLimiter = PartitionedRateLimiter.Create<HttpContext, int>(
                _ => RateLimitPartition.GetConcurrencyLimiter(0, _ => new ConcurrencyLimiterOptions { PermitLimit = most }));
        });
        builder.Services.AddOptions<RequestTimeoutOptions>().Configure<IOptions<GatewayLimits>>(static (timeouts, limits) =>
            timeouts.DefaultPolicy = new RequestTimeoutPolicy { Timeout = limits.Value.RequestTimeout });
    }
}
