using OneShot.Blocks;
using OneShot.Buffers;

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

        /// <summary>Its cursor was found where it has no business to be, or its end could not be done: its memory is given up. Only its end is left to do.</summary>
        Abandoned,
    }

    /// <summary>
    /// For a pool that takes the arena back, after <see cref="Reset"/>: until <see cref="Unpark"/> whoever has kept the arena is
    /// refused. The fast path has no check for it: the limit moves to where every allocation takes the slow path.
    /// </summary>
    /// <returns>False if it is not open any more: what was given up or disposed stays so.</returns>
    internal bool Park()
    {
        bool leaves = TakeGate();
        bool isParked = ParkInside();
        if (leaves)
        {
            LeaveGate();
        }

        return isParked;
    }

    /// <summary><see cref="Reset"/> and <see cref="Park"/> at once. What throws has not parked it.</summary>
    internal bool ResetAndPark()
    {
        using Inside inside = Enter();
        ResetInside();
        return ParkInside();
    }

    private bool ParkInside()
    {
        if (_state != State.Open)
        {
            return false;
        }

        _state = State.Parked;
        _limit = Closed;
        return true;
    }

    /// <summary>For a pool that hands the arena out again, and parked it before.</summary>
    internal void Unpark()
    {
        bool leaves = TakeGate();
        UnparkInside();
        if (leaves)
        {
            LeaveGate();
        }
    }

    private void UnparkInside()
    {
        if (_state != State.Parked)
        {
            return;
        }

        _state = State.Open;
        if (_blocks.Filled.Count > 0)
        {
            ref readonly HeldBlock kept = ref _blocks.Filled.Last;
            BumpIn(kept, kept.StartOffset); // whatever a late thread has done to the cursor
        }
    }

    /// <summary>
    /// Whether two threads were found to have used the arena at once, or its last request could not be brought to an end. It refuses everything but its end; its memory is given up,
    /// since nobody can tell whose it is. For a pool, which drops such an arena.
    /// </summary>
    internal bool IsAbandoned => _state == State.Abandoned;

    /// <summary>For a parent, which may look while a child's owner ends it.</summary>
    internal bool IsDisposed => _state == State.Disposed;

    /// <summary>
    /// Gives all memory up: it is neither cleared nor given back. The lists keep what is on the GC heap alive, for those who
    /// have it pinned. Callbacks wait for the arena's end.
    /// </summary>
    private void Abandon()
    {
        _state = State.Abandoned;
        _process.CountGivenUp();
        TellEnd();
        LeaveCurrent();
        _allocatedElsewhere = 0;
        _allocatedForRequest = 0;
        _isPlain = false;
        _memory.TryEnd(MemoryHandles.All);
        DetainPinned();
    }

    private void ThrowIfInCallback()
    {
        if (_isEnding || _rewinding != 0)
        {
            ThrowHelper.EndedByCallback();
        }
    }

    private void ThrowUnlessAbandoned()
    {
        if (_state != State.Abandoned)
        {
            ThrowUnusable();
        }
    }

    /// <exception cref="ObjectDisposedException">This arena was disposed or abandoned, or waits in a pool.</exception>
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

        if (_state == State.Abandoned)
        {
            ThrowHelper.ArenaAbandoned();
        }

        ThrowHelper.ArenaDisposed();
    }
}
