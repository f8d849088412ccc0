using OneShot.Blocks;
using OneShot.Memory;

namespace OneShot;

/// <summary>
/// The arena under <see cref="ProcessArenaOptions.Debug"/>: it never has a block to bump in, so that every allocation
/// takes the slow path, and from there this one.
/// </summary>
public sealed unsafe partial class Arena
{
    private readonly AllocationLog? _log;

    /// <summary>Who uses the arena now: a request's trace identifier, a job's name. Named in what the debug option finds; forgotten at <see cref="Reset"/>.</summary>
    public string? Owner { get; set; }

    private byte* AllocateDebug(nuint size, int elementSize, nuint alignment, bool forRequest)
    {
        _log!.Reserve(forRequest);
        if (!TryPlace(size, elementSize, alignment, forRequest, out byte* start))
        {
            _blocks.Large.Reserve();
            StartBlock(DebugBlockSize(DebugNeed(size, alignment)));
            TryPlace(size, elementSize, alignment, forRequest, out start);
        }

        (forRequest ? ref _allocatedForRequest : ref _allocatedElsewhere) += (long)Alignment.Up(size, Alignment.Default);
        return start;
    }

    /// <summary>Places an allocation in the block being filled: its canary behind it, or right before a page that faults.</summary>
    private bool TryPlace(nuint size, int elementSize, nuint alignment, bool forRequest, out byte* start)
    {
        AllocationLog log = _log!;
        nuint room = (nuint)(log.Limit - log.Cursor);
        nuint need = DebugNeed(size, alignment);
        start = null;
        if (room < need)
        {
            return false;
        }

        if (!log.Guarded)
        {
            start = (byte*)Alignment.Up((nuint)log.Cursor, alignment);
            log.Cursor = start + Alignment.Up(size, Alignment.Default) + AllocationLog.CanarySize;
            log.Add(start, size, log.Cursor, forRequest);
            return true;
        }

        // Flush with the page: the default alignment gives way to what the elements themselves need.
        byte* guard = log.Cursor + need - PageSize.Bytes;
        nuint natural = alignment > Alignment.Default ? alignment : nuint.Min((nuint)(elementSize & -elementSize), Alignment.Default);
        try
        {
            _process.Forbid(_blocks.Large.Last.Block, guard, PageSize.Bytes);
        }
        catch (MemoryRegionException)
        {
            // A locked page stays accessible; the canary that lies before it is looked at all the same.
        }

        start = (byte*)((nuint)(guard - size) & ~(natural - 1));
        log.Cursor = guard + PageSize.Bytes;
        log.Add(start, size, guard, forRequest);
        return true;
    }

    private nuint DebugNeed(nuint size, nuint alignment)
    {
        nuint bytes = Alignment.Up(size, Alignment.Default) + AllocationLog.CanarySize + (alignment - Alignment.Default);
        return _process.GuardPages ? Alignment.Up(bytes, PageSize.Bytes) + PageSize.Bytes : bytes;
    }

    private nuint DebugBlockSize(nuint need) => nuint.Max(Alignment.Up(need, PageSize.Bytes), Alignment.Up(_process.StandardBlock, PageSize.Bytes));

    private void StartBlock(nuint size) => StartBlock(TakeBlock(size));

    private void StartBlock(in HeldBlock held)
    {
        _blocks.Large.Add(held);
        _log!.Cursor = held.Block.Start;
        _log.Limit = held.Block.Limit;
        _log.Guarded = _process.GuardPages && !held.Block.IsFallback;
    }

    private bool TryReserveDebug(nuint size)
    {
        nuint need = DebugNeed(size, Alignment.Default);
        if ((nuint)(_log!.Limit - _log.Cursor) >= need && (_blocks.Large.Count == 0 || !_blocks.Large.Last.Block.IsFallback))
        {
            return true;
        }

        _blocks.Large.Reserve();
        if (!_process.TryTakeBlock(DebugBlockSize(need), out Block block))
        {
            return false;
        }

        StartBlock(new HeldBlock(block));
        return true;
    }

    private bool TryResizeDebug<T>(ref UnsafeSlice<T> newest, int count) where T : unmanaged
    {
        AllocationLog log = _log!;
        UnsafeSlice<T> old = newest;
        byte* start = (byte*)old.Pointer;
        nuint oldSize = (nuint)old.Length * (nuint)sizeof(T);
        nuint newSize = (nuint)count * (nuint)sizeof(T);
        nuint need = Alignment.Up(newSize, Alignment.Default) + AllocationLog.CanarySize;
        if (log.Guarded || start is null || start > log.Limit || need > (nuint)(log.Limit - start) || !log.TryRemoveNewest(start, oldSize))
        {
            return false;
        }

        if (newSize < oldSize)
        {
            System.Runtime.InteropServices.NativeMemory.Clear(start + newSize, oldSize - newSize);
        }

        log.Cursor = start + need;
        log.Add(start, newSize, log.Cursor, forRequest: false);
        _allocatedElsewhere += (long)Alignment.Up(newSize, Alignment.Default) - (long)Alignment.Up(oldSize, Alignment.Default);
        newest = new UnsafeSlice<T>((T*)start, count);
        return true;
    }
}
