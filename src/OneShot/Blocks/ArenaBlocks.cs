using System.Diagnostics;
using OneShot.Memory;

namespace OneShot.Blocks;

/// <summary>The blocks of an arena's request. A block is in one of the lists, and comes from the process arena or the GC's heap.</summary>
/// <remarks>For the thread inside the arena's gate, but for <see cref="HeldBlocks.TryPeek"/>. So a block is in one list, and goes back once.</remarks>
internal unsafe struct ArenaBlocks
{
    /// <summary>Bumped in; the last one is current.</summary>
    public HeldBlocks Filled;

    /// <summary>One for each large allocation. Marks count them, as they do those that are filled.</summary>
    public HeldBlocks Large;

    /// <summary>One for each large allocation that no mark takes back.</summary>
    public HeldBlocks Unmarked;

    /// <summary>Given back by a rewind or early, cleared: they serve this request again before it takes new ones.</summary>
    public HeldBlocks Spare;

    /// <summary>Whether there are others than those that are filled.</summary>
    public readonly bool HasOthers => Large.Count + Unmarked.Count + Spare.Count > 0;

    /// <summary>Room for blocks that are given back. Without it they wait for the end of the request, as pinned ones do.</summary>
    public bool TryReserveSpare(int more)
    {
        try
        {
            Filled.Reserve(); // the spare one with the largest tail may be what the next request begins with
            Spare.Reserve(more);
            return true;
        }
        catch (OutOfMemoryException)
        {
            return false;
        }
    }

    /// <summary>Clears a block, which serves the same request again. The caller has made room by <see cref="TryReserveSpare"/>.</summary>
    public void GiveToSpare(HeldBlock held)
    {
        held.ClearWithin(held.Start, held.Reached);
        Spare.Add(held);
    }

    /// <summary>
    /// Gives the block of a large allocation back before the request ends: to the process arena where others can use it, else to the request's own
    /// spare ones.
    /// </summary>
    /// <param name="list">Of these: <see cref="Large"/> or <see cref="Unmarked"/>.</param>
    /// <param name="from">Blocks before it are counted by a mark, and stay.</param>
    /// <param name="start">Where the allocation begins.</param>
    /// <param name="size">All its bytes.</param>
    /// <param name="process">Where the block comes from.</param>
    /// <returns>False if there is no such allocation, or no room to note the block.</returns>
    public bool TryReturnLarge(ref HeldBlocks list, int from, byte* start, nuint size, ProcessArena process)
    {
        int index = list.IndexOf(start, from);
        if (index < 0 || list.Span[index].Cursor != start + size)
        {
            return false;
        }

        // A spare block that serves as a large one may have at its far end what was allocated for the request.
        ref readonly HeldBlock large = ref list.Span[index];
        bool goesBack = process.Policy.MemoryComesBack && large.Limit == large.Block.Limit;
        if (!goesBack && !TryReserveSpare(more: 1))
        {
            return false;
        }

        HeldBlock held = list.RemoveAt(index);
        if (!goesBack)
        {
            GiveToSpare(held);
            return true;
        }

        try
        {
            process.Clean(held);
            process.ReturnBlock(held.Block);
        }
        catch (Exception failure) when (failure is OutOfMemoryException or MemoryRegionException)
        {
            // As where pending I/O lets go of a block: it is lost, and stays in what is used.
        }

        return true;
    }

    /// <summary>Gives all blocks back but the one that is kept. What cannot be given back is lost, and in no list any more.</summary>
    public void ReturnAll(ProcessArena process, in HeldBlock kept, ref Failures failures)
    {
        ReturnAll(ref Filled, process, kept, ref failures);
        ReturnAll(ref Spare, process, kept, ref failures);
        ReturnAll(ref Large, process, kept, ref failures);
        ReturnAll(ref Unmarked, process, kept, ref failures);
    }

    /// <summary>Takes out the block that <paramref name="address"/> lies in.</summary>
    public bool TryTakeOut(byte* address, out HeldBlock held) =>
        Filled.TryTakeOut(address, out held) || Large.TryTakeOut(address, out held) || Spare.TryTakeOut(address, out held) || Unmarked.TryTakeOut(address, out held);

    /// <summary>Whether an address lies in a block of the GC's heap.</summary>
    public readonly bool IsInFallback(byte* address) =>
        IsInFallback(Filled.Span, address) || IsInFallback(Large.Span, address) || IsInFallback(Spare.Span, address) || IsInFallback(Unmarked.Span, address);

    /// <summary>Asserts what is true of the lists between two calls of the arena.</summary>
    [Conditional("DEBUG")]
    public readonly void AssertValid()
    {
        List<(nint Start, nint Limit)> seen = [];
        AssertValid(Filled.Span, hasCurrent: true, seen);
        AssertValid(Large.Span, hasCurrent: false, seen);
        AssertValid(Spare.Span, hasCurrent: false, seen);
        AssertValid(Unmarked.Span, hasCurrent: false, seen);
        seen.Sort();
        for (int i = 1; i < seen.Count; i++)
        {
            Debug.Assert(seen[i].Start >= seen[i - 1].Limit, "A block is in one list, and no other block overlaps it.");
        }
    }

    private static void ReturnAll(ref HeldBlocks blocks, ProcessArena process, in HeldBlock kept, ref Failures failures)
    {
        foreach (ref readonly HeldBlock held in blocks.Span)
        {
            if (held.Block.Start == kept.Block.Start)
            {
                continue;
            }

            try
            {
                process.Clean(held);
                process.ReturnBlock(held.Block);
            }
#pragma warning disable CA1031 // Whatever it is, the other blocks go back; the caller gets it afterwards.
            catch (Exception failure)
#pragma warning restore CA1031
            {
                failures.Add(failure);
            }
        }

        blocks.Clear();
    }

    private static bool IsInFallback(ReadOnlySpan<HeldBlock> blocks, byte* address)
    {
        foreach (ref readonly HeldBlock held in blocks)
        {
            if (held.Block.IsFallback && address >= held.Block.Start && address < held.Block.Limit)
            {
                return true;
            }
        }

        return false;
    }

    private static void AssertValid(ReadOnlySpan<HeldBlock> blocks, bool hasCurrent, List<(nint Start, nint Limit)> seen)
    {
        for (int i = 0; i < blocks.Length; i++)
        {
            ref readonly HeldBlock held = ref blocks[i];
            Block block = held.Block;
            bool isCurrent = hasCurrent && i == blocks.Length - 1; // how far that one was reached is in the arena's own fields
            Debug.Assert((nuint)block.Start % Alignment.Block == 0 && block.Start < block.Limit);
            Debug.Assert(held.Start >= block.Start && held.Start <= held.Limit && held.Limit <= block.Limit, "What is handed out lies in the block.");
            Debug.Assert(isCurrent || held.Reached <= held.Limit, "What was reached lies before what was allocated for the request.");
            Debug.Assert(!block.IsFallback || block.Generation is null, "A block of the GC heap is of no generation.");
            seen.Add(((nint)block.Start, (nint)block.Limit));
        }
    }
}
