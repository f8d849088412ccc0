using OneShot.AspNetCore.Headers;

namespace OneShot.AspNetCore.Requests;

/// <summary>
/// The arena of one request, in <c>HttpContext.Features</c> from <c>UseOneShotArena()</c> (or, under the HTTP/1.1 front,
/// from the first byte) until the request ends. Like <c>HttpContext</c> itself it belongs to one request and must not be
/// kept beyond it. Not thread-safe.
/// </summary>
public interface IRequestArenaFeature
{
    /// <summary>The arena of this request. What is allocated from it is valid until the request ends and freed by nobody.</summary>
    public Arena Arena { get; }

    /// <summary>
    /// The request's header fields as bytes in the arena. Under the HTTP/1.1 front: the bytes as they came, in wire order
    /// and case. On any other server: made from <c>Request.Headers</c> on first use, later changes to which do not show.
    /// </summary>
    public HeaderSpans HeaderSpans { get; }
}
