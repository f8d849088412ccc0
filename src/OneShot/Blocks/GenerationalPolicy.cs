namespace OneShot.Blocks;

/// <summary>Blocks come from a generation, whose memory goes back to the operating system as a whole when no arena holds a block of it.</summary>
internal sealed class GenerationalPolicy(ProcessArenaOptions options, nuint alignment, Func<long, BumpRegion> reserve, Action takeIdleHolds)
    : ReclamationPolicy(BumpRegion.Empty(), alignment)
{
    private readonly GenerationSet _generations = new(options.Capacity, options.EffectiveGenerationSize, options.Debug, reserve, takeIdleHolds);
    private readonly long _capacity = options.Capacity;
    private readonly long _generationSize = options.EffectiveGenerationSize;

    public override bool AllowsDirectAllocation => false;

    public override bool LeavesBlocksToArenas => false;

    public override bool LongRequestsHoldOthers => true;

    /// <summary>It is summed up under a lock.</summary>
    public override bool IsHeldCheap => false;

    public override long Held => _generations.Used;

    public override long Committed => _generations.Committed;

    public override bool HugePages => _generations.HugePages;

    public override MemoryRegionException? CommitFailure => _generations.Failure;

    public override long GenerationsOpened => _generations.Opened;

    public override long GenerationsRetired => _generations.Retired;

    public override long LockedBytes => _generations.LockedBytes;

    public override long WholeBlocks(nuint size)
    {
        long block = (long)RoundUp(size);
        return (_capacity / _generationSize * (_generationSize / block * block)) + (_capacity % _generationSize / block * block);
    }

    public override bool TryTakeBlock(nuint size, out Block block, out bool isReused)
    {
        isReused = false;
        return _generations.TryTakeBlock(RoundUp(size), BlockAlignment, out block);
    }

    public override unsafe void Return(Block block) => block.Generation!.Release(block.Start, block.Size);

    public override HeldBlock BlockToKeep(ReadOnlySpan<HeldBlock> filled, ReadOnlySpan<HeldBlock> spare, nuint standardBlock)
    {
        HeldBlock kept = base.BlockToKeep(filled, spare, standardBlock);
        return kept.Block.Generation is { IsClosed: true } ? default : kept;
    }

    public override void Close()
    {
        base.Close();
        _generations.Close();
    }

    public override void Dispose()
    {
        base.Dispose();
        _generations.Dispose();
    }
}
