using OneShot.AspNetCore.Headers;
using OneShot.AspNetCore.Requests;
using OneShot.AspNetCore.Wire;

namespace OneShot.AspNetCore.Http1.Exchange;

/// <summary>
/// What the application sees of the request's memory, and how the arena is left before the request ends. A request that lives for
/// hours (an upgrade, a stream of events), and under <see cref="ArenaReclamation.Generational"/> one whose body comes slowly, gives
/// it back by itself if only the head is in it.
/// </summary>
internal sealed class RequestMemory(ConnectionArena arena, HeaderTable table)
{
    // Set before the arena is looked up, and looked at inside the arena's gate: either the one sees that, or the other this.
    private volatile bool _isTaken;
    private volatile bool _isActive;
    private BodySlot? _body; // the connection's, from its first body on that is read into the arena

    /// <summary>A request runs: its memory may be asked for.</summary>
    internal bool IsActive => _isActive;

    /// <exception cref="ObjectDisposedException">The request is over.</exception>
    internal RequestArena Arena
    {
        get
        {
            _isTaken = true;
            return arena.Current;
        }
    }

    /// <exception cref="ObjectDisposedException">The request is over.</exception>
    internal HeaderSpans HeaderSpans
    {
        get
        {
            if (!_isActive)
            {
                ThrowOver();
            }

            return table.Spans;
        }
    }

    /// <summary>The body that the request has read into its arena.</summary>
    /// <exception cref="ObjectDisposedException">The request is over.</exception>
    internal BodySlot Body
    {
        get
        {
            if (!_isActive)
            {
                ThrowOver();
            }

            return _body ?? Interlocked.CompareExchange(ref _body, new BodySlot(), null) ?? _body;
        }
    }

    /// <summary>The head is accepted. <see cref="Open"/> follows when all of the exchange is ready.</summary>
    internal void Begin()
    {
        _isActive = true;
        _isTaken = false;
        _body?.Reset();
    }

    /// <summary>The application may come.</summary>
    internal void Open() => arena.Open();

    /// <summary>From here on the arena is refused, and nobody is about to change it.</summary>
    internal void Close() => arena.Close();

    /// <summary>Nothing of the request is left.</summary>
    internal void End()
    {
        _isActive = false;
        _body?.Reset();
    }

    /// <summary>The application has no use for the arena any more.</summary>
    /// <exception cref="ObjectDisposedException">The request is over.</exception>
    internal void Release()
    {
        if (!TryRelease(ifUntaken: false, atOnce: false))
        {
            ThrowOver();
        }
    }

    /// <summary>The request will last. The application has not asked for the arena, so nobody can miss it.</summary>
    /// <param name="atOnce">Nobody else looks at header spans meanwhile; otherwise it goes back a while after.</param>
    internal void ReleaseUntaken(bool atOnce = true)
    {
        if (!_isTaken && arena.Rented is not null)
        {
            TryRelease(ifUntaken: true, atOnce);
        }
    }

    /// <returns>False when the request is over.</returns>
    private bool TryRelease(bool ifUntaken, bool atOnce)
    {
        if (!arena.TryEnter())
        {
            return false;
        }

        try
        {
            if (!ifUntaken || !_isTaken)
            {
                table.LeaveArena();
                arena.Release(atOnce);
                _isTaken = false;
            }
        }
        finally
        {
            arena.Exit();
        }

        return true;
    }

    private static void ThrowOver() =>
        throw new ObjectDisposedException(nameof(RequestArena), "The request is over: its arena and header spans belong to nobody any more.");
}
