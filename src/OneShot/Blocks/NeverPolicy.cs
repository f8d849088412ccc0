namespace OneShot.Blocks;

/// <summary>Nothing comes back: an arena goes on in the tail of its block, and what it gives up stays used.</summary>
internal sealed class NeverPolicy(BumpRegion region, nuint alignment) : ReclamationPolicy(region, alignment)
{
    public override bool MemoryComesBack => false;

    public override bool LeavesPinnedBlocksToArenas => true;

    public override string Remedy => "Raise Capacity, reclaim memory (ArenaReclamation.PerRequest), or choose ArenaExhaustion.Fallback.";
}
