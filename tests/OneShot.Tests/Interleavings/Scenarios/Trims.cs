using OneShot.Blocks;
using OneShot.Memory;
using OneShot.Tests.Interleavings;

namespace OneShot.Explored;

/// <summary>All that waits is asked for in one piece, while a trim has a part of it in its hands.</summary>
public abstract unsafe class TrimmedBlocks : IScenario
{
    private const int Part = 1 << 20; // what a trim takes at a time

    private readonly BlockCache _cache = new();
    private readonly BumpRegion _region = new(2 * Part, RegionSettings.Plain);

    protected TrimmedBlocks(int refused)
    {
        MemoryRegion.DiscardsToRefuse = refused;
        byte* start = _region.TryTakeBlock(2 * Part, 64);
        _cache.Return(new Block(start, Part));
        _cache.Return(new Block(start + Part, Part));
    }

    public IReadOnlyList<Action> Threads => [Take, Trim];

    public void Check() => Hold(_cache.FreeBytes == 0, "All of it is taken, and nothing waits.");

    private void Take() => Hold(_cache.TryTake(2 * Part, join: true, out _), "Memory that waits was refused.");

    private void Trim()
    {
        try
        {
            _cache.Discard(_region);
        }
        catch (MemoryRegionException)
        {
            // The system refused, which changes nothing for others.
        }
    }
}

public sealed class TrimmedBlocksAreTaken() : TrimmedBlocks(refused: 0);

public sealed class RefusedTrimsAreTaken() : TrimmedBlocks(refused: 1);
