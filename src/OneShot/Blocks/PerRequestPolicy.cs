namespace OneShot.Blocks;

/// <summary>Blocks come back cleared and serve later requests; while debugging, they come back inaccessible, and serve when there is no other.</summary>
internal sealed class PerRequestPolicy(ProcessArenaOptions options, BumpRegion region, nuint alignment) : ReclamationPolicy(region, alignment)
{
    private readonly BlockCache _cache = new();
    private readonly bool _isDebug = options.Debug;

    public override bool ReusesBlocks => true;

    public override bool IdleBlocksAreMissed => true;

    public override FallbackPool? FallbackPool { get; } = options.Debug ? null : new FallbackPool(options.Capacity / 8);

    public override long Held => Math.Max(0, Region.Used - _cache.FreeBytes);

    public override nuint RoundUp(nuint size) => SizeClass.RoundUp(base.RoundUp(size));

    public override nuint StandardBlock(int blockSize) => SizeClass.RoundUp((nuint)blockSize);

    public override bool TryTakeBlock(nuint size, out Block block, out bool isReused)
    {
        size = RoundUp(size);

        // While debugging, pages that became inaccessible stay so for as long as there are others.
        isReused = true;
        if (!_isDebug && TryReuse(size, join: false, out block))
        {
            return true;
        }

        if (TryTakeNew(size, out block))
        {
            isReused = false;
            return true;
        }

        return TryReuse(size, join: true, out block);
    }

    public override void Return(Block block) => _cache.Return(block);

    public override long Trim() => _cache.Discard(Region);

    public override unsafe HeldBlock BlockToKeep(ReadOnlySpan<HeldBlock> filled, ReadOnlySpan<HeldBlock> spare, nuint standardBlock)
    {
        foreach (ref readonly HeldBlock held in filled)
        {
            if (!held.Block.IsFallback && held.Block.Size == standardBlock)
            {
                held.ClearSeen();
                return new HeldBlock(held.Block);
            }
        }

        return default;
    }

    private unsafe bool TryReuse(nuint size, bool join, out Block block)
    {
        if (!_cache.TryTake(size, join, out block))
        {
            return false;
        }

        if (_isDebug && !Region.TryPermit(block.Start, block.Size))
        {
            _cache.Return(block);
            return false;
        }

        return true;
    }
}
