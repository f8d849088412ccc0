namespace OneShot;

/// <summary>Whether the arena can be used.</summary>
public sealed unsafe partial class Arena
{
    private State _state;

    // Whose request ended last; known under the debug option only.
    private string? _lastOwner;

    /// <summary>What can become of an arena. Only <see cref="Open"/> hands out memory.</summary>
    private enum State : byte
    {
        Open,

        /// <summary>Between two requests, in a pool.</summary>
        Parked,

        Disposed,
    }

    /// <summary>
    /// For a pool that takes the arena back, after <see cref="Reset"/>: until <see cref="Unpark"/> whoever has kept the arena is
    /// refused. The fast path has no check for it: the limit moves to where every allocation takes the slow path.
    /// </summary>
    internal void Park()
    {
        _state = State.Parked;
        _limit = null;
    }

    /// <summary>For a pool that hands the arena out again. The caller guarantees that it is parked.</summary>
    internal void Unpark()
    {
        System.Diagnostics.Debug.Assert(_state == State.Parked, "Only what is parked can be taken out.");
        _state = State.Open;
        if (_blocks.Count > 0)
        {
            _limit = _blocks.Last.Limit;
        }
    }

    /// <exception cref="ObjectDisposedException">This arena was disposed, or waits in a pool.</exception>
    private void ThrowIfUnusable()
    {
        if (_state != State.Open)
        {
            ThrowUnusable();
        }
    }

    private void ThrowUnusable()
    {
        if (_state == State.Parked)
        {
            ThrowHelper.ArenaParked(_lastOwner);
        }

        ThrowHelper.ArenaDisposed();
    }
}
