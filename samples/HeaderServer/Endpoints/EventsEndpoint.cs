using HeaderServer.Page;

namespace HeaderServer.Endpoints;

/// <summary>
/// <c>GET /events</c>: the page's readings as server-sent events. Nothing here asks for the request's arena, so a stream that stays
/// open for hours gives it back when its head goes out.
/// </summary>
internal static class EventsEndpoint
{
    public static IResult Stream(LiveReadings readings, CancellationToken aborted) =>
        TypedResults.ServerSentEvents(readings.StreamAsync(aborted));
}
