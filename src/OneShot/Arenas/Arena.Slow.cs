using System.Runtime.CompilerServices;
using OneShot.Blocks;
using OneShot.Memory;

namespace OneShot;

/// <summary>What happens when the current block cannot serve an allocation.</summary>
public sealed unsafe partial class Arena
{
    private ArenaBlocks _blocks; // not readonly: it is changed in place

    // Where this request's share of the current block begins, and how far it ever reached before memory was given back.
    private byte* _start = (byte*)NoBlock;
    private byte* _reached;
    private long _allocatedElsewhere;

    /// <summary>
    /// Whether <paramref name="size"/> bytes can be had now without falling back to the GC heap, throwing, or ending the
    /// process. Takes a block if it needs one, so that what it answers stays true for the next allocation.
    /// </summary>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="size"/> is negative.</exception>
    /// <exception cref="ObjectDisposedException">This arena was disposed, or it needs a block and the process arena was.</exception>
    public bool TryReserve(int size)
    {
        if (size < 0)
        {
            ThrowHelper.NegativeSize(size);
        }

        ThrowIfUnusable();
        using Inside inside = Enter();
        if (_log is not null)
        {
            return TryReserveDebug((nuint)size);
        }

        Resume();
        nuint needed = Alignment.Up((nuint)size, Alignment.Default);
        if (needed <= Room && (_blocks.Filled.Count == 0 || !_blocks.Filled.Last.Block.IsFallback))
        {
            return true;
        }

        _blocks.Filled.Reserve();
        if (!TryTakeBlock(nuint.Max(needed, _process.StandardBlock), needed, out HeldBlock held))
        {
            return false;
        }

        MoveTo(held);
        return true;
    }

    /// <summary>Bytes between cursor and limit.</summary>
    private nuint Room => _cursor <= _limit ? (nuint)(_limit - _cursor) : 0;

    /// <returns>Null only for an empty allocation of an arena that has no block yet.</returns>
    [MethodImpl(MethodImplOptions.NoInlining)]
    private byte* AllocateSlow(int count, int elementSize, int alignment)
    {
        if (TryBegin(count, elementSize, alignment, forRequest: false, out nuint size, out byte* done))
        {
            return done;
        }

        if (Resume())
        {
            byte* resumed = (byte*)Alignment.Up((nuint)_cursor, (nuint)alignment);
            if (resumed <= _limit && size <= (nuint)(_limit - resumed))
            {
                _cursor = resumed + size;
                return resumed;
            }
        }

        // A tail of a quarter block is worth keeping: what is larger gets a block of its own, and the tail goes on.
        nuint needed = size + (nuint)Math.Max(0, alignment - Alignment.Block);
        nuint quarter = _process.StandardBlock / 4;
        if (needed > _process.StandardBlock || (needed > quarter && Room >= quarter))
        {
            return AllocateLarge(needed, (nuint)alignment);
        }

        _blocks.Filled.Reserve();
        MoveTo(TakeStandardBlock(needed));
        byte* start = (byte*)Alignment.Up((nuint)_cursor, (nuint)alignment);
        _cursor = start + size;
        return start;
    }

    /// <summary>What every slow allocation begins with: is the arena usable, is the count?</summary>
    /// <returns>Whether that was all: the allocation is empty, or the debug option has placed it.</returns>
    private bool TryBegin(int count, int elementSize, int alignment, bool forRequest, out nuint size, out byte* done)
    {
        ThrowIfUnusable();
        if (count < 0)
        {
            ThrowHelper.NegativeCount(count);
        }

        nuint bytes = (nuint)count * (nuint)elementSize;
        size = Alignment.Up(bytes, Alignment.Default);
        done = null;
        if (size == 0)
        {
            return true;
        }

        ThrowIfAstray();
        if (_log is null)
        {
            return false;
        }

        done = AllocateDebug(bytes, elementSize, (nuint)alignment, forRequest);
        return true;
    }

    private byte* AllocateLarge(nuint size, nuint alignment)
    {
        _blocks.Large.Reserve();
        HeldBlock held = TakeBlock(size);
        held.Reached = Max(held.Reached, held.Start + size);
        held.Cursor = held.Start + size;
        _blocks.Large.Add(held);
        _isPlain = false;
        _allocatedElsewhere += (long)size;
        return (byte*)Alignment.Up((nuint)held.Start, alignment);
    }

    /// <summary>A block to bump in, with room for <paramref name="needed"/> bytes: of the spare ones also one that lacks a little at its far end.</summary>
    private HeldBlock TakeStandardBlock(nuint needed)
    {
        nuint standard = _process.StandardBlock;
        return _blocks.Spare.Count > 0 && _blocks.Spare.TryTake(nuint.Max(needed, standard - (standard / 4)), out HeldBlock spare) ? spare : TakeBlock(standard, needed);
    }

    private HeldBlock TakeBlock(nuint size) => TakeBlock(size, size);

    /// <param name="size">Bytes of the block.</param>
    /// <param name="needed">Bytes that a block of the GC heap must have at least, if there is no other.</param>
    private HeldBlock TakeBlock(nuint size, nuint needed)
    {
        if (_blocks.Spare.Count > 0 && _blocks.Spare.TryTake(size, out HeldBlock spare))
        {
            return spare;
        }

        if (TryTakeBlock(size, needed, out HeldBlock held))
        {
            return held;
        }

        if (_process.Exhaustion != ArenaExhaustion.Fallback)
        {
            _process.ThrowExhausted((long)size);
        }

        return new HeldBlock(needed == size
            ? _process.TakeFallbackBlock(size)
            : _process.TakeFallbackBlock(needed, _blocks.Filled.Count > 0 ? _blocks.Filled.Last.Block : default));
    }

    /// <summary>Takes a block of that size, or, where there is none, the tail that an idle arena keeps, if it has what is needed.</summary>
    private bool TryTakeBlock(nuint size, nuint needed, out HeldBlock held)
    {
        if (_process.TryTakeBlock(size, out Block block))
        {
            held = new HeldBlock(block);
            return true;
        }

        held = default;
        return _log is null && needed <= _process.StandardBlock && _process.IdleTails is { } tails
            && tails(nuint.Max(needed, _process.StandardBlock / 16), out held);
    }

    /// <summary>For the pool, while the arena is parked and nobody else has it: gives up what it keeps for its next request.</summary>
    internal bool TryGiveTail(nuint needed, out HeldBlock tail)
    {
        tail = default;
        if (_state != State.Parked || !(_isIdle ? _idleTail.Room >= (long)(needed + Alignment.Block) : TryPeekTail(needed)))
        {
            return false;
        }

        if (_isIdle)
        {
            _isIdle = false;
            if (!_idleTail.TryTakeBack(out tail))
            {
                return false;
            }
        }
        else
        {
            tail = _blocks.Filled.RemoveLast();
            LeaveCurrent();
        }

        // Blocks begin on a cache line of their own, and so does what is taken for one.
        byte* start = (byte*)Alignment.Up((nuint)tail.Reached, Alignment.Block);
        tail.Start = start;
        tail.Reached = start;
        tail.Cursor = start;
        return true;
    }

    private bool TryPeekTail(nuint needed) =>
        _blocks.Filled.Count == 1 && !_blocks.Filled.Last.Block.IsFallback && _blocks.Filled.Last.Tail >= (nint)(needed + Alignment.Block);

    /// <summary>
    /// Makes a block the current one; the rest of the block before it waits for <see cref="Reset"/>. The caller has made room
    /// for it in the list before it took the block, so that the block cannot get lost.
    /// </summary>
    private void MoveTo(in HeldBlock held)
    {
        _allocatedElsewhere += _cursor - _start;
        _isPlain &= _blocks.Filled.Count == 0 && !held.Block.IsFallback;
        if (_blocks.Filled.Count > 0)
        {
            ref HeldBlock left = ref _blocks.Filled.Last;
            left.Reached = Max(_cursor, _reached);
            left.Cursor = _cursor;
        }

        _blocks.Filled.Add(held);
        Enter(held, held.Start);
    }

    private void Enter(in HeldBlock held, byte* cursor)
    {
        _start = held.Start;
        _reached = held.Reached;
        _cursor = cursor;
        _limit = held.Limit;
    }

    private void LeaveCurrent()
    {
        _start = (byte*)NoBlock;
        _cursor = (byte*)NoBlock;
        _limit = null;
        _reached = null;
    }

    private static byte* Max(byte* left, byte* right) => left > right ? left : right;
}
