using System.Diagnostics;
using OneShot.Memory;

namespace OneShot.Blocks;

/// <summary>
/// Where a process arena takes the blocks from that it gives to arenas, and what becomes of a block that comes back: one class
/// for each <see cref="ArenaReclamation"/>. Asked on slow paths only. Thread-safe.
/// </summary>
/// <param name="region">What is allocated directly, and, where there are no generations, blocks too.</param>
/// <param name="alignment">Where blocks begin, and what their sizes are multiples of.</param>
internal abstract unsafe class ReclamationPolicy(BumpRegion region, nuint alignment) : IDisposable
{
    /// <summary>The region that direct allocations bump in; empty where memory has to belong to an arena.</summary>
    public BumpRegion Region { get; } = region;

    /// <summary>Whether a block that comes back serves again, and so must be all zero then.</summary>
    public virtual bool ReusesBlocks => false;

    /// <summary>Whether memory may be allocated from the process arena itself.</summary>
    public virtual bool AllowsDirectAllocation => true;

    /// <summary>Whether an arena may keep its block from one request to the next without asking for it.</summary>
    public virtual bool LeavesBlocksToArenas => true;

    /// <summary>Whether a block may stay with its arena while a part of it is pinned: what was handed out of it serves nobody else.</summary>
    public virtual bool LeavesPinnedBlocksToArenas => false;

    /// <summary>Whether memory that requests have used serves again, by whatever way. Where not, only a restart makes room.</summary>
    public virtual bool MemoryComesBack => true;

    /// <summary>Whether a request that lasts keeps the memory of others from coming back, so that it had better let go of its own.</summary>
    public virtual bool LongRequestsHoldOthers => false;

    /// <summary>Whether the block that an idle arena keeps would serve others if it gave it back.</summary>
    public virtual bool IdleBlocksAreMissed => false;

    /// <summary>Whether <see cref="Held"/> may be asked for on every request.</summary>
    public virtual bool IsHeldCheap => true;

    /// <summary>What would help when the arena is full.</summary>
    public virtual string Remedy =>
        "What is left is held by arenas, or lies in smaller pieces. Raise Capacity, let requests hold less or end sooner, or choose ArenaExhaustion.Fallback.";

    /// <summary>Blocks of the GC heap that serve again; null where a stale span must not meet another request.</summary>
    public virtual FallbackPool? FallbackPool => null;

    /// <summary>Bytes that arenas hold or have used up.</summary>
    public virtual long Held => Region.Used;

    public virtual long Committed => Region.Committed;

    public virtual bool HugePages => Region.HugePages;

    public virtual MemoryRegionException? CommitFailure => Region.CommitFailure;

    public virtual long GenerationsOpened => 0;

    public virtual long GenerationsRetired => 0;

    public virtual long LockedBytes => 0;

    protected nuint BlockAlignment => alignment;

    /// <summary>The policy that the options name.</summary>
    /// <param name="options">Validated.</param>
    /// <param name="alignment">As the constructor has it.</param>
    /// <param name="reserve">Makes a region of so many bytes.</param>
    /// <param name="takeIdleHolds">Takes from arenas that are idle what they hold of closed generations.</param>
    public static ReclamationPolicy Create(ProcessArenaOptions options, nuint alignment, Func<long, BumpRegion> reserve, Action takeIdleHolds) => options.Reclamation switch
    {
        ArenaReclamation.Never => new NeverPolicy(reserve(options.Capacity), alignment),
        ArenaReclamation.PerRequest => new PerRequestPolicy(options, reserve(options.Capacity), alignment),
        ArenaReclamation.Generational => new GenerationalPolicy(options, alignment, reserve, takeIdleHolds),
        _ => throw new UnreachableException("The options are valid."),
    };

    /// <summary>The size of the block that a request for <paramref name="size"/> bytes gets.</summary>
    public virtual nuint RoundUp(nuint size) => Alignment.Up(size, alignment);

    /// <summary>The size of the block that an arena takes for small allocations.</summary>
    public virtual nuint StandardBlock(int blockSize) => (nuint)blockSize;

    /// <summary>How many bytes the arenas can take, in whole blocks of that size.</summary>
    public virtual long WholeBlocks(nuint size) => Region.Capacity / (long)RoundUp(size) * (long)RoundUp(size);

    /// <summary>Takes a block for an arena.</summary>
    /// <param name="size">Bytes it must have, not more than the capacity.</param>
    /// <param name="block">The block, all zero.</param>
    /// <param name="isReused">Whether it has served before.</param>
    public virtual bool TryTakeBlock(nuint size, out Block block, out bool isReused)
    {
        isReused = false;
        return TryTakeNew(RoundUp(size), out block);
    }

    /// <summary>Takes back a block of the process arena, cleared where <see cref="ReusesBlocks"/> says so.</summary>
    public virtual void Return(Block block)
    {
    }

    /// <summary>Gives the physical memory of blocks that wait for reuse back to the operating system.</summary>
    /// <returns>How many bytes went.</returns>
    /// <exception cref="MemoryRegionException">The operating system refused.</exception>
    public virtual long Trim() => 0;

    /// <summary>Of the blocks that an arena has filled in one request, the one that its next request begins with; without a block, none.</summary>
    public virtual HeldBlock BlockToKeep(ReadOnlySpan<HeldBlock> filled, ReadOnlySpan<HeldBlock> spare, nuint standardBlock)
    {
        // What nobody has seen is still zero and nobody's: the largest such tail serves the next request.
        HeldBlock best = default;
        FindLargestTail(filled, ref best);
        FindLargestTail(spare, ref best);
        best.Start = best.Reached;
        return best;
    }

    /// <summary>Hands out nothing any more.</summary>
    public virtual void Close() => Region.Close();

    /// <summary>Unmaps all of it. The caller guarantees that nobody holds a block.</summary>
    public virtual void Dispose() => Region.Dispose();

    protected bool TryTakeNew(nuint size, out Block block)
    {
        byte* start = Region.TryTakeBlock((long)size, (long)alignment);
        block = start is null ? default : new Block(start, size);
        return start is not null;
    }

    private static void FindLargestTail(ReadOnlySpan<HeldBlock> blocks, ref HeldBlock best)
    {
        foreach (ref readonly HeldBlock held in blocks)
        {
            if (!held.Block.IsFallback && held.Reached >= held.Block.Start && held.Limit <= held.Block.Limit && held.Tail > best.Tail)
            {
                best = held;
            }
        }
    }
}
