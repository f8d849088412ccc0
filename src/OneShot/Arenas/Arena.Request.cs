using System.Runtime.CompilerServices;
using OneShot.Blocks;
using OneShot.Memory;

namespace OneShot;

/// <summary>
/// Memory that lasts until the request ends, whatever marks are around the call: for what the framework fills on behalf of
/// an application that may have set marks of its own.
/// </summary>
/// <remarks>
/// Under a mark it is taken from the far end of the current block, which the cursor grows towards and a rewind leaves
/// alone. Without one it is an ordinary allocation.
/// </remarks>
public sealed unsafe partial class Arena
{
    // What lies at the far ends of blocks and in those that no mark takes back.
    private long _allocatedForRequest;

    /// <summary>As <see cref="AllocateUnsafe{T}"/>, but no mark takes it back.</summary>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="count"/> is negative.</exception>
    /// <exception cref="ArenaExhaustedException">The process arena is full and its policy is not to fall back.</exception>
    /// <exception cref="ObjectDisposedException">This arena cannot be used, or it needs a block and the process arena was disposed.</exception>
    internal UnsafeSlice<T> AllocateForRequest<T>(int count) where T : unmanaged =>
        new(_markCount == 0 ? (T*)Unsafe.AsPointer(ref Bump<T>(count)) : (T*)AllocateAtFarEnd(count, sizeof(T), Alignment.Of<T>()), count);

    /// <summary>As <see cref="TryResize{T}"/> for what <see cref="AllocateForRequest{T}"/> returned: never under a mark, which would take back what is added.</summary>
    /// <returns>False if the caller has to allocate anew.</returns>
    internal bool TryResizeForRequest<T>(ref UnsafeSlice<T> newest, int count) where T : unmanaged => _markCount == 0 && TryResize(ref newest, count);

    [MethodImpl(MethodImplOptions.NoInlining)]
    private byte* AllocateAtFarEnd(int count, int elementSize, int alignment)
    {
        using Inside inside = Enter();
        if (TryBegin(count, elementSize, alignment, forRequest: true, out nuint size, out byte* done))
        {
            return done;
        }

        nint cursor = ReadCursor();
        byte* start = TakeFarEnd(cursor, size, (nuint)alignment);
        if (start is not null)
        {
            return start;
        }

        // As an ordinary allocation does: what is too large for what is left has a block of its own, and the block goes on.
        nuint needed = size + (nuint)Math.Max(0, alignment - Alignment.Block);
        if (needed > _process.StandardBlock / 4)
        {
            _blocks.Unmarked.Reserve();
            HeldBlock held = TakeBlock(needed);
            held.Reached = held.Reached > held.Start + needed ? held.Reached : held.Start + needed;
            held.Cursor = held.Start + needed;
            _blocks.Unmarked.Add(held);
            _allocatedForRequest += (long)needed;
            _isPlain = false;
            return (byte*)Alignment.Up((nuint)held.Start, (nuint)alignment);
        }

        _blocks.Filled.Reserve();
        HeldBlock next = TakeStandardBlock(needed);
        MoveTo(next, cursor, next.StartOffset);
        return TakeFarEnd(next.StartOffset, size, (nuint)alignment);
    }

    /// <returns>Null if the current block has no room for it.</returns>
    private byte* TakeFarEnd(nint cursor, nuint size, nuint alignment)
    {
        if (_blocks.Filled.Count == 0)
        {
            return null;
        }

        ref HeldBlock current = ref _blocks.Filled.Last;
        byte* tip = current.Block.Start + cursor;
        if (size > (nuint)(current.Limit - tip))
        {
            return null;
        }

        byte* start = (byte*)((nuint)(current.Limit - size) & ~(alignment - 1));
        if (start < tip)
        {
            return null;
        }

        // What was given back there is zero, and counts as handed out from here on by lying behind the limit.
        _allocatedForRequest += current.Limit - start;
        _isPlain = false;
        current.Limit = start;
        _reached = nint.Min(_reached, current.LimitOffset);
        _limit = nint.Min(_limit, current.LimitOffset);
        return start;
    }
}
