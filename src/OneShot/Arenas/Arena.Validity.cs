using System.Diagnostics;
using OneShot.Blocks;
using OneShot.Buffers;

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
            Debug.Assert(_blocks.Count + _large.Count + _spare.Count + _unmarked.Count == 0, "A disposed arena holds no block.");
            return;
        }

        Debug.Assert(_state == State.Parked || !IsAstray, "The cursor is in the current block.");
        Debug.Assert((nuint)_cursor % Memory.Alignment.Default == 0);
        Debug.Assert(Allocated >= 0 && _allocatedElsewhere >= 0 && _allocatedForRequest >= 0);
        Debug.Assert(!_isIdle || _blocks.Count == 0, "An idle arena has given its tail to where others may take it away.");
        Debug.Assert(!_isPlain || (_blocks.Count <= 1 && _large.Count + _spare.Count + _unmarked.Count == 0 && _memory is null), "A plain request has one block and nothing else.");
        Debug.Assert(_markCount >= _rewinding && _markCount <= _marks.Length);
        AssertMarks();
        AssertHandles();
        AssertBlocks();
    }

    private void AssertMarks()
    {
        for (int i = 0; i < _markCount; i++)
        {
            ref readonly Checkpoint mark = ref _marks[i];
            Debug.Assert(mark.Serial <= _lastSerial && (i == 0 || mark.Serial > _marks[i - 1].Serial), "Marks are nested: a later one has a larger serial.");
            Debug.Assert(mark.Blocks <= _blocks.Count && mark.Large <= _large.Count, "Blocks that a mark has seen stay until it is rewound.");
        }
    }

    private void AssertHandles()
    {
        for (ArenaMemoryManager? handle = _memory; handle is not null; handle = handle.Next)
        {
            Debug.Assert(handle.Next is null || handle.Key >= handle.Next.Key, "The newest lifetime comes first.");
        }
    }

    private void AssertBlocks()
    {
        List<(nint Start, nint Limit)> seen = [];
        AssertBlocks(_blocks.Span, hasCurrent: true, seen);
        AssertBlocks(_large.Span, hasCurrent: false, seen);
        AssertBlocks(_spare.Span, hasCurrent: false, seen);
        AssertBlocks(_unmarked.Span, hasCurrent: false, seen);
        if (_log is null && _blocks.Count > 0)
        {
            AssertZero(Max(_cursor, _reached), _blocks.Last.Limit);
        }

        seen.Sort();
        for (int i = 1; i < seen.Count; i++)
        {
            Debug.Assert(seen[i].Start >= seen[i - 1].Limit, "A block is in one list, and no other block overlaps it.");
        }
    }

    private static void AssertBlocks(ReadOnlySpan<HeldBlock> blocks, bool hasCurrent, List<(nint Start, nint Limit)> seen)
    {
        for (int i = 0; i < blocks.Length; i++)
        {
            ref readonly HeldBlock held = ref blocks[i];
            Block block = held.Block;
            bool isCurrent = hasCurrent && i == blocks.Length - 1; // how far that one was reached is in the arena's own fields
            Debug.Assert((nuint)block.Start % Memory.Alignment.Block == 0 && block.Start < block.Limit);
            Debug.Assert(held.Start >= block.Start && held.Start <= held.Limit && held.Limit <= block.Limit, "What is handed out lies in the block.");
            Debug.Assert(isCurrent || held.Reached <= held.Limit, "What was reached lies before what was allocated for the request.");
            Debug.Assert(!block.IsFallback || block.Generation is null, "A block of the GC heap is of no generation.");
            seen.Add(((nint)block.Start, (nint)block.Limit));
        }
    }

    private static void AssertZero(byte* from, byte* to) =>
        Debug.Assert(from >= to || new ReadOnlySpan<byte>(from, (int)(to - from)).IndexOfAnyExcept((byte)0) < 0, "What nobody has seen is zero.");
}
