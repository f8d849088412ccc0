using OneShot.AspNetCore.Headers;

namespace OneShot.AspNetCore.Requests;

/// <summary>
/// The arena of one request, in <c>HttpContext.Features</c> from <c>UseOneShotArena()</c> (or, under the HTTP/1.1 front,
/// from the first byte) until the request ends. Like <c>HttpContext</c> itself it belongs to one request and must not be
/// kept beyond it. Not thread-safe.
/// </summary>
public interface IRequestArenaFeature
{
    /// <summary>
    /// The arena of this request. What is allocated from it is valid until the request ends, or <see cref="ReleaseArena"/> is
    /// called, and freed by nobody.
    /// </summary>
    public Arena Arena { get; }

    /// <summary>
    /// The request's header fields as bytes in the arena. Under the HTTP/1.1 front: the bytes as they came, in wire order
    /// and case. On any other server: made from <c>Request.Headers</c> on first use, later changes to which do not show.
    /// </summary>
    public HeaderSpans HeaderSpans { get; }

    /// <summary>
    /// Gives the arena back while the request goes on: for one that lives long and needs no more of it. What was allocated from
    /// it, and spans over headers that were read before, are as they are when a request has ended: not to be used any more.
    /// Headers can still be read, as spans and as strings: they have moved to the GC heap. Who asks for <see cref="Arena"/>
    /// again gets another one.
    /// </summary>
    /// <remarks>
    /// Under the HTTP/1.1 front the same happens by itself when a connection is upgraded (<c>IHttpUpgradeFeature</c>, WebSockets)
    /// or a response of type <c>text/event-stream</c> starts, unless <see cref="Arena"/> has been asked for: then what is in it
    /// stays valid, and it is for the application to call this. Read header spans again after <c>UpgradeAsync</c> and after the
    /// first flush of an event stream; the compiler lets none live across an <see langword="await"/>.
    /// </remarks>
    /// <returns>False, and nothing has changed, while the rest of a chunked request body may still need the arena.</returns>
    /// <exception cref="InvalidOperationException">The request is over.</exception>
    public bool ReleaseArena();
}
