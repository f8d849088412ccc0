using OneShot.Blocks;

namespace OneShot;

/// <summary>Checkpoints.</summary>
public sealed unsafe partial class Arena
{
    private Checkpoint[] _marks = [];
    private int _markCount;
    private long _lastSerial;

    /// <summary>A place to come back to: <c>using (arena.Mark()) { ... }</c> gives back what the block allocated.</summary>
    /// <exception cref="ObjectDisposedException">This arena was disposed.</exception>
    public ArenaMark Mark()
    {
        ThrowIfUnusable();
        using Inside inside = Enter();
        Resume();
        if (_markCount == _marks.Length)
        {
            Array.Resize(ref _marks, Math.Max(4, _markCount * 2));
        }

        long serial = ++_lastSerial;
        _marks[_markCount++] = new Checkpoint
        {
            Serial = serial,
            Cursor = _cursor,
            AllocatedElsewhere = _allocatedElsewhere,
            Blocks = _blocks.Count,
            Large = _large.Count,
            Callbacks = _callbackCount,
            Logged = _log?.Count ?? 0,
        };
        return new ArenaMark(this, _epoch, serial, _markCount);
    }

    internal void Rewind(long epoch, long serial, int depth)
    {
        ThrowIfStale(epoch);
        using Inside inside = Enter();
        if (depth > _markCount || _marks[depth - 1].Serial != serial)
        {
            return;
        }

        Checkpoint mark = _marks[depth - 1];
        List<Exception>? failures = RunCallbacks(mark.Callbacks);
        _markCount = depth - 1;
        if (_log is null)
        {
            RewindBlocks(mark);
        }
        else if (_log.Rewind(mark.Logged, Owner) is { } corrupted)
        {
            // Rewound memory is not used again while debugging, so that it cannot look alive.
            (failures ??= []).Add(corrupted);
        }

        _allocatedElsewhere = mark.AllocatedElsewhere;
        Throw(failures, "Callbacks failed when an arena was rewound; the others ran, and the arena is rewound.");
    }

    private void RewindBlocks(in Checkpoint mark)
    {
        while (_large.Count > mark.Large)
        {
            Spare(_large.RemoveLast());
        }

        if (_blocks.Count == mark.Blocks)
        {
            if (_cursor > mark.Cursor)
            {
                GiveBack(mark.Cursor, mark.Cursor);
            }

            return;
        }

        _blocks.Last.Reached = Max(_cursor, _reached);
        while (_blocks.Count > mark.Blocks)
        {
            Spare(_blocks.RemoveLast());
        }

        LeaveCurrent();
        if (_blocks.Count > 0)
        {
            ref HeldBlock current = ref _blocks.Last;
            byte* cursor = current.Cursor < mark.Cursor ? current.Cursor : mark.Cursor;
            Clear(cursor, current.Reached);
            Enter(current, cursor);
        }
    }

    private void Spare(HeldBlock held)
    {
        Clear(held.Start, held.Reached);
        _spare.Add(held);
    }

    private struct Checkpoint
    {
        public long Serial;
        public byte* Cursor;
        public long AllocatedElsewhere;
        public int Blocks;
        public int Large;
        public int Callbacks;
        public int Logged;
    }
}
