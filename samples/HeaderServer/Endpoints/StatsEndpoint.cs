using HeaderServer.Stats;
using OneShot;
using OneShot.AspNetCore.Restart;

namespace HeaderServer.Endpoints;

/// <summary><c>GET /stats</c>: what the server has cost so far, as JSON.</summary>
internal static class StatsEndpoint
{
    public static Task Write(HttpContext context)
    {
        IServiceProvider services = context.RequestServices;
        ServerStatsReport report = services.GetRequiredService<ServerStats>().Read(
            services.GetRequiredService<ProcessArena>(), services.GetRequiredService<HeapBudget>(), services.GetRequiredService<RestartMonitor>());
        return context.Response.WriteAsJsonAsync(report, StatsJson.Default.ServerStatsReport, cancellationToken: context.RequestAborted);
    }
}
