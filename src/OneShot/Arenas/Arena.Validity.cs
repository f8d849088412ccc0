using System.Diagnostics;

namespace OneShot;

/// <summary>What is true of an arena between two calls.</summary>
public sealed unsafe partial class Arena
{
    /// <summary>Asserts it. For the owner, while no other thread uses the arena.</summary>
    [Conditional("DEBUG")]
    internal void AssertValid()
    {
        if (_state == State.Abandoned)
        {
            return; // nobody can tell whose its memory is
        }

        if (_state == State.Disposed)
        {
            Debug.Assert(_blocks.Filled.Count == 0 && !_blocks.HasOthers, "A disposed arena holds no block.");
            return;
        }

        bool isInBlock = TryReadCursor(out nint cursor);
        Debug.Assert(isInBlock, "The cursor is in the current block.");
        Debug.Assert(_cursor % Memory.Alignment.Default == 0);
        Debug.Assert(_limit <= _reach && (_limit == Closed || _state == State.Open), "The fast path hands out what is the arena's, while it is open.");
        Debug.Assert(_limit == Closed || (_base == _blocks.Filled.Last.Block.Start && (nint)_blocks.Filled.Last.Block.Size >= _reach), "All that the fast path can reach is one block.");
        Debug.Assert(Allocated >= 0 && _allocatedElsewhere >= 0 && _allocatedForRequest >= 0);
        Debug.Assert(!_isIdle || _blocks.Filled.Count == 0, "An idle arena has given its tail to where others may take it away.");
        Debug.Assert(!_isPlain || (_blocks.Filled.Count <= 1 && !_blocks.HasOthers && !_memory.AreAlive), "A plain request has one block and nothing else.");
        Debug.Assert(_markCount >= _rewinding && _markCount <= _marks.Length);
        AssertMarks();
        _memory.AssertValid();
        _blocks.AssertValid();
        if (_log is null && _blocks.Filled.Count > 0)
        {
            AssertZero(_blocks.Filled.Last.Block.Start + nint.Max(cursor, _reached), _blocks.Filled.Last.Limit);
        }
    }

    private void AssertMarks()
    {
        for (int i = 0; i < _markCount; i++)
        {
            ref readonly Checkpoint mark = ref _marks[i];
            Debug.Assert(mark.Serial <= _lastSerial && (i == 0 || mark.Serial > _marks[i - 1].Serial), "Marks are nested: a later one has a larger serial.");
            Debug.Assert(mark.Blocks <= _blocks.Filled.Count && mark.Large <= _blocks.Large.Count, "Blocks that a mark has seen stay until it is rewound.");
        }
    }

    private static void AssertZero(byte* from, byte* to) =>
        Debug.Assert(from >= to || new ReadOnlySpan<byte>(from, (int)(to - from)).IndexOfAnyExcept((byte)0) < 0, "What nobody has seen is zero.");
}
