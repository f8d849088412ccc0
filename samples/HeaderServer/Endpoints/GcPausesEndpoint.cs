using HeaderServer.Stats;

namespace HeaderServer.Endpoints;

/// <summary><c>GET /gc-pauses</c>: every pause of the GC since the start, as JSON. There only with <c>OneShot:GcPauses</c>.</summary>
internal static class GcPausesEndpoint
{
    public const string Path = "/gc-pauses";

    public static Task Write(HttpContext context) => context.Response.WriteAsJsonAsync(
        context.RequestServices.GetRequiredService<GcPauses>().ToArray(), StatsJson.Default.GcPauseArray, cancellationToken: context.RequestAborted);
}
