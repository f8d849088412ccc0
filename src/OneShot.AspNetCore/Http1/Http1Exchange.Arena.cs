using Microsoft.Extensions.Primitives;
using Microsoft.Net.Http.Headers;
using OneShot.AspNetCore.Headers;
using OneShot.AspNetCore.Requests;

namespace OneShot.AspNetCore.Http1;

/// <summary>
/// The request's arena, and how it is left before the request ends. A request that lives for hours (an upgrade, a stream of
/// events), and under <see cref="ArenaReclamation.Generational"/> one whose body comes slowly, gives it back by itself if only the
/// head is in it.
/// </summary>
internal abstract partial class Http1Exchange : IRequestArenaFeature, IRequestArenaSource
{
    /// <summary>Heartbeats after which a request that waits for its body is a long one: a second at least, two at most.</summary>
    private const int BeatsOfLongRequest = 2;

    // Set before the arena is looked up, and looked at inside the arena's gate: either the one sees that, or the other this.
    private volatile bool _isArenaTaken;
    private int _beats;

    IRequestArenaFeature? IRequestArenaSource.ArenaFeature =>
        IndexOfExtra(typeof(IRequestArenaFeature)) < 0 ? this : Get<IRequestArenaFeature>();

    RequestArena IRequestArenaFeature.Arena
    {
        get
        {
            _isArenaTaken = true;
            return _connection.Arena.Current;
        }
    }

    HeaderSpans IRequestArenaFeature.HeaderSpans
    {
        get
        {
            ThrowIfOver();
            return _connection.Table.Spans;
        }
    }

    bool IRequestArenaFeature.ReleaseArena()
    {
        if (!TryReleaseArena(ifUntaken: false, atOnce: false))
        {
            ThrowOver();
        }

        return true;
    }

    /// <summary>
    /// The heartbeat: a generation of memory must not wait for a client that takes its time. The arena goes back with the second
    /// heartbeat after; the application may look at a header span while its body is being read.
    /// </summary>
    internal void Tick()
    {
        _connection.Arena.Tick();
        if (_isActive && ++_beats >= BeatsOfLongRequest && _front.Arenas.Process.Reclamation == ArenaReclamation.Generational
            && _body.IsReadPending && !_isArenaTaken && _connection.Arena.Rented is not null)
        {
            TryReleaseArena(ifUntaken: true, atOnce: false);
        }
    }

    /// <summary>The application has not asked for the arena, so nobody can miss it.</summary>
    private void ReleaseUntakenArena()
    {
        if (!_isArenaTaken)
        {
            TryReleaseArena(ifUntaken: true, atOnce: true);
        }
    }

    /// <returns>False when the request is over.</returns>
    private bool TryReleaseArena(bool ifUntaken, bool atOnce)
    {
        if (!_connection.Arena.TryEnter())
        {
            return false;
        }

        try
        {
            if (!ifUntaken || !_isArenaTaken)
            {
                _connection.Table.LeaveArena();
                _connection.Arena.Release(atOnce);
                _isArenaTaken = false;
            }
        }
        finally
        {
            _connection.Arena.Exit();
        }

        return true;
    }

    /// <summary>WHATWG HTML 9.2: server-sent events, a response without an end.</summary>
    private bool IsEventStream() =>
        _responseHeaders.TryGetValue(HeaderNames.ContentType, out StringValues type)
        && type.Count == 1
        && type[0] is { } text
        && text.StartsWith("text/event-stream", StringComparison.OrdinalIgnoreCase);

    private void ThrowIfOver()
    {
        if (!_isActive)
        {
            ThrowOver();
        }
    }

    private static void ThrowOver() =>
        throw new ObjectDisposedException(nameof(RequestArena), "The request is over: its arena and header spans belong to nobody any more.");
}
