using OneShot;

namespace Gateway.Management;

/// <summary><c>GET /stats</c>: what the gateway has cost so far, as JSON.</summary>
internal static class StatsEndpoint
{
    public static Task Write(HttpContext context) => context.Response.WriteAsJsonAsync(
        context.RequestServices.GetRequiredService<GatewayStats>().Read(context.RequestServices.GetService<ProcessArena>()), context.RequestAborted);
}
