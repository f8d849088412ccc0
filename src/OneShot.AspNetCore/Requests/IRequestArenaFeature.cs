using OneShot.AspNetCore.Headers;

namespace OneShot.AspNetCore.Requests;

/// <summary>
/// The arena of one request, in <c>HttpContext.Features</c> from <c>UseOneShotArena()</c> (or, under the HTTP/1.1 front,
/// from the first byte) until the request ends. Like <c>HttpContext</c> itself it belongs to one request: when that is over, every
/// member throws <see cref="ObjectDisposedException"/>. Not thread-safe.
/// </summary>
public interface IRequestArenaFeature
{
    /// <summary>
    /// The arena of this request. What is allocated from it is valid until the request ends, or <see cref="ReleaseArena"/> is
    /// called, and freed by nobody. The handle refuses from then on.
    /// </summary>
    /// <exception cref="ObjectDisposedException">The request is over.</exception>
    public RequestArena Arena { get; }

    /// <summary>
    /// The request's header fields as bytes in the arena. Under the HTTP/1.1 front: the bytes as they came, in wire order
    /// and case. On any other server: made from <c>Request.Headers</c> on first use, later changes to which do not show.
    /// </summary>
    /// <exception cref="ObjectDisposedException">The request is over.</exception>
    public HeaderSpans HeaderSpans { get; }

    /// <summary>
    /// Gives the arena back while the request goes on: for one that lives long and needs no more of it. What was allocated from
    /// it, and spans over headers that were read before, are as they are when a request has ended: not to be used any more.
    /// Headers can still be read, as spans and as strings: they have moved to the GC heap. Who asks for <see cref="Arena"/>
    /// again gets another one.
    /// </summary>
    /// <remarks>
    /// <para>The arena goes to others, and callbacks of <c>OnReset</c> run, two seconds later, or when the request ends: a call that comes too late, out of code that a request has left running, takes no memory from under the next.</para>
    /// <para>Under the HTTP/1.1 front the same happens by itself when a connection is upgraded (<c>IHttpUpgradeFeature</c>, WebSockets)
    /// or a response of type <c>text/event-stream</c> starts, unless <see cref="Arena"/> has been asked for: then what is in it
    /// stays valid, and it is for the application to call this. Read header spans again after <c>UpgradeAsync</c> and after the
    /// first flush of an event stream; the compiler lets none live across an <see langword="await"/>. Under
    /// <see cref="ArenaReclamation.Generational"/> it happens to a request, too, that waits for its body for longer than a second or two.</para>
    /// </remarks>
    /// <returns>True; false, and nothing has changed, where a feature of another maker cannot give the arena back.</returns>
    /// <exception cref="ObjectDisposedException">The request is over.</exception>
    public bool ReleaseArena();
}
