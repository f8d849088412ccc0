using OneShot.Blocks;

namespace OneShot;

/// <summary>Blocks that outlast their request because I/O has them pinned, and uses of memory that came too late.</summary>
public sealed unsafe partial class ProcessArena
{
    private long _staleUses;
    private long _detainedBytes;
    private long _givenUp;

    // Owners that are no arenas: blocks that are pinned, and trims.
    private int _otherOwners;

    /// <summary>How many arenas were given up, with the blocks they had: those stay in use.</summary>
    internal long ArenasGivenUp => Volatile.Read(ref _givenUp);

    internal void CountGivenUp() => Interlocked.Increment(ref _givenUp);

    internal void CountStaleUse() => Interlocked.Increment(ref _staleUses);

    /// <summary>Keeps the region mapped on behalf of a block that an arena gives up. The caller's arena is an owner, so there is one.</summary>
    internal void Detain(in HeldBlock held)
    {
        Interlocked.Increment(ref _otherOwners);
        _owners.AddAnother();
        Interlocked.Add(ref _detainedBytes, (long)held.Block.Size);
    }

    /// <summary>Takes such a block back, as an arena would at the end of its request.</summary>
    internal void EndDetention(in HeldBlock held)
    {
        try
        {
            if (held.Block.Start is not null && !held.Block.IsFallback)
            {
                Clean(held);
                ReturnBlock(held.Block);
            }
        }
        catch (Exception failure) when (failure is OutOfMemoryException or MemoryRegionException)
        {
            // Pending I/O cannot be told. The block is lost, and stays in what is used.
        }
        finally
        {
            Interlocked.Add(ref _detainedBytes, -(long)held.Block.Size);
            Interlocked.Decrement(ref _otherOwners);
            RemoveOwner();
        }
    }

    /// <summary>Makes a block ready for its next use: all zero where blocks come back, inaccessible while debugging.</summary>
    /// <exception cref="MemoryRegionException">The operating system refused, and the block must not be used again.</exception>
    internal void Clean(in HeldBlock held)
    {
        if (Debug && held.Block.IsFallback)
        {
            return;
        }

        if (Debug)
        {
            ForbidOrClear(held.Block);
        }
        else if (_policy.ReusesBlocks)
        {
            held.ClearSeen();
        }
    }

    /// <summary>Locked pages cannot be given back: they stay accessible, and what is stale there is not found.</summary>
    private void ForbidOrClear(Block block)
    {
        try
        {
            Forbid(block, block.Start, block.Size);
        }
        catch (MemoryRegionException) when (!_policy.ReusesBlocks)
        {
            // Not used again.
        }
        catch (MemoryRegionException)
        {
            if (!RegionOf(block).TryPermit(block.Start, block.Size))
            {
                throw;
            }

            System.Runtime.InteropServices.NativeMemory.Clear(block.Start, block.Size);
        }
    }
}
