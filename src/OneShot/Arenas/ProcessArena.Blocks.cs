using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using OneShot.Blocks;
using OneShot.Memory;

namespace OneShot;

/// <summary>Blocks that arenas take and give back, and what is counted about them.</summary>
public sealed unsafe partial class ProcessArena
{
    // A fallback block starts with no less, so that a request of small allocations does not take one for each.
    private const nuint SmallestFallback = 1024;

    private long _blocksTaken;
    private long _blocksReused;
    private long _fallbackBytes;
    private long _fallbackBlocks;
    private long _largeFallbackBlocks;

    /// <summary>Bytes of all blocks ever taken from the GC heap because this arena was full.</summary>
    public long FallbackBytes => Volatile.Read(ref _fallbackBytes);

    /// <summary>How many blocks were ever taken from the GC heap because this arena was full.</summary>
    public long FallbackBlocks => Volatile.Read(ref _fallbackBlocks);

    /// <summary>What this arena has done since it was created.</summary>
    public ArenaStatistics Statistics => new()
    {
        Capacity = Capacity,
        Used = Used,
        Committed = _policy.Committed,
        Arenas = Math.Max(0, _owners.Others - Volatile.Read(ref _otherOwners)),
        BlocksTaken = Volatile.Read(ref _blocksTaken),
        BlocksReused = Volatile.Read(ref _blocksReused),
        LargeFallbackBlocks = LargeFallbackBlocks, // before those it is a part of
        FallbackBlocks = FallbackBlocks,
        FallbackBytes = FallbackBytes,
        StaleUses = Volatile.Read(ref _staleUses),
        DetainedBytes = Volatile.Read(ref _detainedBytes),
        Refusals = Refusals,
        GenerationsOpened = _policy.GenerationsOpened,
        GenerationsRetired = _policy.GenerationsRetired,
        LockedBytes = _policy.LockedBytes,
        HugePages = _policy.HugePages,
    };

    /// <summary>As <see cref="ArenaStatistics.Refusals"/>, without the rest, for which every arena is looked at.</summary>
    internal long Refusals => Volatile.Read(ref _refusals);

    /// <summary>As <see cref="ArenaStatistics.LargeFallbackBlocks"/>, without the rest. Read before <see cref="FallbackBlocks"/>, it is a part of those.</summary>
    internal long LargeFallbackBlocks => Volatile.Read(ref _largeFallbackBlocks);

    /// <summary>For a pool of arenas: finds one that is idle and whose tail has so many bytes. Asked where there is no other block.</summary>
    internal IdleTailSource? IdleTails { get; set; }

    internal nuint StandardBlock { get; }

    internal ReclamationPolicy Policy => _policy;

    internal bool GuardPages { get; }

    /// <summary>
    /// Gives the physical memory of blocks that wait for reuse back to the operating system; they stay in the cache. For
    /// after a spike, under <see cref="ArenaReclamation.PerRequest"/>: under the other policies no block waits.
    /// </summary>
    /// <returns>How many bytes went back. What went before and was not used since does not count again.</returns>
    /// <exception cref="MemoryRegionException">The operating system refused.</exception>
    public long Trim()
    {
        // An owner meanwhile: whoever disposes the last arena does not unmap what is being given back.
        Interlocked.Increment(ref _otherOwners);
        bool isOwner = _owners.TryAdd();
        try
        {
            return isOwner ? _policy.Trim() : 0;
        }
        finally
        {
            Interlocked.Decrement(ref _otherOwners);
            if (isOwner)
            {
                RemoveOwner();
            }
        }
    }

    /// <summary>Takes a block for an arena: one that came back, or a new one.</summary>
    internal bool TryTakeBlock(nuint size, out Block block)
    {
        // More than the cap is more than any region, or any size class, can hold.
        if (size > (nuint)Capacity)
        {
            block = default;
            return false;
        }

        if (!_policy.TryTakeBlock(size, out block, out bool isReused))
        {
            return false;
        }

        Interlocked.Increment(ref isReused ? ref _blocksReused : ref _blocksTaken);
        return true;
    }

    /// <summary>Takes a block back that its arena needs no more: a cleared one under <see cref="ArenaReclamation.PerRequest"/>.</summary>
    internal void ReturnBlock(Block block)
    {
        if (block.IsFallback)
        {
            _policy.FallbackPool?.Return(block);
            return;
        }

        _policy.Return(block);
    }

    /// <summary>Makes whole pages of a block inaccessible, and gives their memory back, until the block is reused.</summary>
    internal void Forbid(Block block, byte* start, nuint size) => RegionOf(block).Forbid(start, size);

    /// <summary>A zeroed block from the GC heap, for a full arena: as large as the need, and up to a standard block twice as large as the one before.</summary>
    /// <param name="size">Bytes that are needed.</param>
    /// <param name="before">The block that the request has filled before.</param>
    internal Block TakeFallbackBlock(nuint size, in Block before)
    {
        nuint grown = before.IsFallback ? before.Size * 2 : SmallestFallback;
        if (size > StandardBlock || grown > StandardBlock)
        {
            return TakeFallbackBlock(nuint.Max(size, StandardBlock));
        }

        return TakeFallbackBlock(nuint.Min(StandardBlock, System.Numerics.BitOperations.RoundUpToPowerOf2(nuint.Max(size, grown))));
    }

    internal Block TakeFallbackBlock(nuint size)
    {
        if (size > (nuint)(Array.MaxLength - (2 * Alignment.Block)))
        {
            ThrowExhausted((long)size);
        }

        size = Alignment.Up(size, Alignment.Block);
        Interlocked.Add(ref _fallbackBytes, (long)size);
        Interlocked.Increment(ref _fallbackBlocks);
        if (size > StandardBlock)
        {
            Interlocked.Increment(ref _largeFallbackBlocks);
        }

        if (_policy.FallbackPool is { } pool && pool.TryTake(size, out Block pooled))
        {
            return pooled;
        }

        FaultInjection.Allocation();
        byte[] array = GC.AllocateArray<byte>((int)size + Alignment.Block, pinned: true);
        byte* first = (byte*)Unsafe.AsPointer(ref MemoryMarshal.GetArrayDataReference(array));
        byte* start = (byte*)Alignment.Up((nuint)first, Alignment.Block);
        return new Block(start, size, array);
    }

    private BumpRegion RegionOf(Block block) => block.Generation?.Region ?? _region;
}
