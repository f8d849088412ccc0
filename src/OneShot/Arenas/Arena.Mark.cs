using OneShot.Blocks;

namespace OneShot;

/// <summary>Checkpoints.</summary>
public sealed unsafe partial class Arena
{
    private Checkpoint[] _marks = [];
    private int _markCount;
    private long _lastSerial;

    // The depth of the innermost mark whose callbacks are running; 0 for none.
    private int _rewinding;

    // How many rewinds are running: one within a callback of another, or, against the rules, of two threads.
    private int _rewinds;

    /// <summary>A place to come back to: <c>using (arena.Mark()) { ... }</c> gives back what the block allocated.</summary>
    /// <exception cref="ObjectDisposedException">This arena was disposed.</exception>
    public ArenaMark Mark()
    {
        using Inside inside = Enter();
        ThrowIfUnusable();
        Resume();
        nint cursor = ReadCursor();
        if (_markCount == _marks.Length)
        {
            FaultInjection.Allocation();
            Array.Resize(ref _marks, Math.Max(4, _markCount * 2));
        }

        long serial = ++_lastSerial;
        int depth = _markCount;
        _marks[depth] = new Checkpoint
        {
            Serial = serial,
            Cursor = cursor,
            AllocatedElsewhere = _allocatedElsewhere,
            Blocks = _blocks.Filled.Count,
            Large = _blocks.Large.Count,
            Callbacks = _callbacks.Count,
            Logged = _log?.Count ?? 0,
        };
        Volatile.Write(ref _markCount, depth + 1); // last: until then the slot is an earlier mark's, which is over
        return new ArenaMark(this, _epoch, serial, depth + 1);
    }

    internal void Rewind(long epoch, long serial, int depth)
    {
        ThrowIfStale(epoch);
        using Inside inside = Enter();
        ThrowIfStale(epoch);
        if (!IsSet(serial, depth) || depth == _rewinding)
        {
            return;
        }

        if (depth < _rewinding)
        {
            ThrowHelper.RewoundByCallback();
        }

        Checkpoint mark = _marks[depth - 1];
        Failures failures = default;
        int outer = _rewinding;
        _rewinding = depth;
        _rewinds++;
        RunCallbacks(mark.Callbacks, ref failures);
        _rewinding = --_rewinds == 0 ? 0 : Math.Min(outer, _markCount);

        // A callback that allocates may be what finds the arena astray; and another thread may have rewound a mark around this one.
        if (epoch == _epoch && IsSet(serial, depth))
        {
            _markCount = depth - 1;
            Volatile.WriteBarrier();
            Rewind(mark, ref failures);
        }

        failures.Throw("Callbacks failed when an arena was rewound; the others ran, and the arena is rewound.");
    }

    private bool IsSet(long serial, int depth) => depth <= _markCount && _marks[depth - 1].Serial == serial;

    private void Rewind(in Checkpoint mark, ref Failures failures)
    {
        bool isPinned = !_memory.TryEnd(mark.Serial);
        if (_log is not null)
        {
            // Rewound memory is not used again while debugging, so that it cannot look alive.
            if (_log.Rewind(mark.Logged, Owner, keepBytes: isPinned) is { } corrupted)
            {
                failures.Add(corrupted);
            }

            _allocatedElsewhere = mark.AllocatedElsewhere;
        }
        else if (!TryReadCursor(out nint cursor))
        {
            Abandon();
        }
        else if (!isPinned && _blocks.TryReserveSpare(_blocks.Large.Count - mark.Large + (_blocks.Filled.Count - mark.Blocks)))
        {
            RewindBlocks(mark, cursor);
            _allocatedElsewhere = mark.AllocatedElsewhere;
        }
    }

    private void RewindBlocks(in Checkpoint mark, nint cursor)
    {
        while (_blocks.Large.Count > mark.Large)
        {
            _blocks.GiveToSpare(_blocks.Large.RemoveLast());
            _isPlain = false;
        }

        if (_blocks.Filled.Count == mark.Blocks)
        {
            if (cursor > mark.Cursor)
            {
                ref readonly HeldBlock same = ref _blocks.Filled.Last;
                same.ClearWithin(same.Block.Start + mark.Cursor, same.Block.Start + cursor);
                _reached = nint.Max(_reached, cursor);
                _cursor = mark.Cursor;
            }

            return;
        }

        NoteReached(cursor);
        while (_blocks.Filled.Count > mark.Blocks)
        {
            _blocks.GiveToSpare(_blocks.Filled.RemoveLast());
            _isPlain = false;
        }

        LeaveCurrent();
        if (_blocks.Filled.Count > 0)
        {
            ref HeldBlock current = ref _blocks.Filled.Last;
            nint back = nint.Min((nint)(current.Cursor - current.Block.Start), mark.Cursor);
            current.ClearWithin(current.Block.Start + back, current.Reached);
            BumpIn(current, back);
        }
    }

    private struct Checkpoint
    {
        public long Serial;
        public nint Cursor; // an offset in the last of the blocks
        public long AllocatedElsewhere;
        public int Blocks;
        public int Large;
        public int Callbacks;
        public int Logged;
    }
}
