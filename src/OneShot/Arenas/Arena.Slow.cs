using System.Runtime.CompilerServices;
using OneShot.Blocks;
using OneShot.Memory;

namespace OneShot;

/// <summary>What happens when the current block cannot serve an allocation.</summary>
public sealed unsafe partial class Arena
{
    private ArenaBlocks _blocks; // not readonly: it is changed in place

    // What the fast path can reach from the beginning of a block, in bytes: a standard block.
    private readonly nint _reach;

    // Where this request's share of the current block begins, and how far it ever reached before memory was given back.
    private nint _first;
    private nint _reached;
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

        using Inside inside = Enter();
        ThrowIfUnusable();
        if (_log is not null)
        {
            return TryReserveDebug((nuint)size);
        }

        Resume();
        nint cursor = ReadCursor();
        nuint needed = Alignment.Up((nuint)size, Alignment.Default);
        if (needed <= RoomFrom(cursor) && (_blocks.Filled.Count == 0 || !_blocks.Filled.Last.Block.IsFallback))
        {
            return true;
        }

        _blocks.Filled.Reserve();
        if (!TryTakeBlock(nuint.Max(needed, _process.StandardBlock), needed, out HeldBlock held))
        {
            return false;
        }

        MoveTo(held, cursor, held.StartOffset);
        return true;
    }

    /// <summary>For threads inside: bytes from <paramref name="cursor"/>, which they have read, to the limit.</summary>
    private nuint RoomFrom(nint cursor) => _blocks.Filled.Count == 0 ? 0 : (nuint)(_blocks.Filled.Last.LimitOffset - cursor);

    /// <summary>About the room there is, for a guess that is looked at again inside.</summary>
    private long RoomSeen => _blocks.Filled.TryPeek(out HeldBlock current) ? Math.Max(0, current.LimitOffset - _cursor) : 0;

    /// <returns>
    /// Null only for an empty allocation. A reference, and not an address: made inside, where the block is in the arena's list, it keeps a block of
    /// the GC's heap alive from there on, also if the request ends before the caller has it.
    /// </returns>
    [MethodImpl(MethodImplOptions.NoInlining)]
    private ref byte AllocateSlow(int count, int elementSize, int alignment)
    {
        using Inside inside = Enter();
        return ref *AllocateInside(count, elementSize, alignment);
    }

    private byte* AllocateInside(int count, int elementSize, int alignment)
    {
        if (TryBegin(count, elementSize, alignment, forRequest: false, out nuint size, out byte* done))
        {
            return done;
        }

        Resume();
        nint cursor = ReadCursor();
        if (_blocks.Filled.Count > 0 && TryBump(_blocks.Filled.Last, cursor, size, (nuint)alignment, out byte* start))
        {
            return start;
        }

        // A tail of a quarter block is worth keeping: what is larger gets a block of its own, and the tail goes on.
        nuint needed = size + (nuint)Math.Max(0, alignment - Alignment.Block);
        nuint quarter = _process.StandardBlock / 4;
        if (needed > _process.StandardBlock || (needed > quarter && RoomFrom(cursor) >= quarter))
        {
            return AllocateLarge(needed, (nuint)alignment);
        }

        _blocks.Filled.Reserve();
        HeldBlock next = TakeStandardBlock(needed);
        MoveTo(next, cursor, next.StartOffset);
        bool hasRoom = TryBump(next, next.StartOffset, size, (nuint)alignment, out start);
        System.Diagnostics.Debug.Assert(hasRoom, "It was taken for this.");
        return start;
    }

    /// <summary>As the fast path, in blocks that are not for it.</summary>
    private bool TryBump(in HeldBlock current, nint cursor, nuint size, nuint alignment, out byte* start)
    {
        start = (byte*)Alignment.Up((nuint)(current.Block.Start + cursor), alignment);
        if (start > current.Limit || size > (nuint)(current.Limit - start))
        {
            return false;
        }

        _cursor = (nint)(start + size - current.Block.Start);
        return true;
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
        held.Reached = held.Reached > held.Start + size ? held.Reached : held.Start + size;
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
        if (!TryTakeGate())
        {
            return false; // somebody who has kept the arena is about to be refused
        }

        try
        {
            return TryGiveTailInside(needed, out tail);
        }
        finally
        {
            LeaveGate();
        }
    }

    private bool TryGiveTailInside(nuint needed, out HeldBlock tail)
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
        tail.IsTail = true;
        return true;
    }

    private bool TryPeekTail(nuint needed) =>
        _blocks.Filled.Count == 1 && !_blocks.Filled.Last.Block.IsFallback && _blocks.Filled.Last.Tail >= (nint)(needed + Alignment.Block);

    /// <summary>
    /// Makes a block the current one; the rest of the block before it waits for <see cref="Reset"/>. The caller has made room
    /// for it in the list before it took the block, so that the block cannot get lost.
    /// </summary>
    /// <param name="held">The block.</param>
    /// <param name="left">The cursor in the block that is left, as it was read.</param>
    /// <param name="cursor">Where the cursor is to be in the new one.</param>
    private void MoveTo(in HeldBlock held, nint left, nint cursor)
    {
        _isPlain &= _blocks.Filled.Count == 0 && !held.Block.IsFallback;
        if (_blocks.Filled.Count > 0)
        {
            _allocatedElsewhere += left - _first;
            NoteReached(left);
            ref HeldBlock before = ref _blocks.Filled.Last;
            before.Cursor = before.Block.Start + left;
        }

        _blocks.Filled.Add(held);
        BumpIn(held, cursor);
    }

    /// <summary>Notes in the current block how far it was ever handed out.</summary>
    private void NoteReached(nint cursor)
    {
        ref HeldBlock current = ref _blocks.Filled.Last;
        current.Reached = current.Block.Start + nint.Max(cursor, _reached);
    }

    /// <summary>
    /// Opens a block to the fast path, if all that the fast path can reach in it is this arena's. Others (smaller ones, those that another arena
    /// has begun, those of the GC's heap, which go when they are let go of) are bumped in inside the gate.
    /// </summary>
    private void BumpIn(in HeldBlock held, nint cursor)
    {
        _first = held.StartOffset;
        _reached = held.ReachedOffset;
        if ((nint)held.Block.Size < _reach || held.IsTail || held.Block.IsFallback)
        {
            _limit = Closed;
            _cursor = cursor;
            return;
        }

        System.Diagnostics.Debug.Assert((nuint)held.Block.Start % Alignment.Block == 0, "Offsets are as aligned as addresses.");
        _base = held.Block.Start;
        _cursor = cursor;
        Volatile.Write(ref _limit, nint.Min(held.LimitOffset, _reach)); // last: who sees it sees the block
    }

    /// <summary>There is no block to bump in. <see cref="_base"/> stays: a thread that has seen the limit before may be about to use it.</summary>
    private void LeaveCurrent()
    {
        _limit = Closed;
        _first = 0;
        _cursor = 0;
        _reached = 0;
    }
}
