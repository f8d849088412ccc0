namespace OneShot.Tests.Arenas;

public class ArenaStatisticsTests
{
    [Fact]
    public void Blocks_are_counted_where_they_change_hands()
    {
        using var process = new ProcessArena(new() { Capacity = 4096, BlockSize = 1024, Reclamation = ArenaReclamation.PerRequest });
        Arena arena = process.CreateArena();
        for (int request = 0; request < 10; request++)
        {
            arena.Allocate<byte>(1000);
            arena.Allocate<byte>(1000);
            arena.Reset();
        }

        for (int index = 0; index < 5; index++)
        {
            arena.Allocate<byte>(1000);
        }

        ArenaStatistics statistics = process.Statistics;
        Assert.Equal(4096, statistics.Capacity);
        Assert.Equal(4096, statistics.Used);
        Assert.Equal(4096, statistics.Committed);
        Assert.Equal(4, statistics.BlocksTaken);
        Assert.Equal(10, statistics.BlocksReused);
        Assert.Equal(1, statistics.FallbackBlocks);
        Assert.Equal(1024, statistics.FallbackBytes);
        Assert.Equal(1, statistics.Arenas);
        arena.Dispose();
        Assert.Equal(0, process.Statistics.Arenas);
        Assert.Equal(0, process.Statistics.Used);
    }

    [Fact]
    public void Refusals_are_counted()
    {
        using var process = new ProcessArena(new() { Capacity = 1024, BlockSize = 1024, Exhaustion = ArenaExhaustion.Throw });
        using Arena arena = process.CreateArena();
        Assert.Throws<ArenaExhaustedException>(() => { arena.Allocate<byte>(1025); });
        Assert.Throws<ArenaExhaustedException>(() => { process.Allocate(1025); });
        Assert.False(process.TryAllocate(1025, out _));
        Assert.Equal(2, process.Statistics.Refusals);
    }
}
