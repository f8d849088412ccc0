namespace OneShot.Tests.Arenas;

/// <summary>What arenas hold but have not handed out is not used: else a crowd that is long gone would count as a full process.</summary>
public class ProcessArenaUsedTests
{
    private const int Block = 16 << 10;

    [Theory]
    [InlineData(ArenaReclamation.Never, 150 * 1000)]
    [InlineData(ArenaReclamation.PerRequest, 0)]
    [InlineData(ArenaReclamation.Generational, 150 * 1000)]
    public void Requests_that_ran_at_the_same_time_leave_no_more_used_than_they_used(ArenaReclamation reclamation, long most)
    {
        using var process = new ProcessArena(new() { Capacity = 1000 * Block, BlockSize = Block, Reclamation = reclamation });
        Arena[] crowd = [.. Enumerable.Range(0, 1000).Select(_ => process.CreateArena())];
        Array.ForEach(crowd, arena => arena.Allocate<byte>(144));
        Assert.Equal(1000 * 144, process.Used);
        Array.ForEach(crowd, arena => arena.Reset());

        Assert.InRange(process.Used, 0, most);
        Assert.InRange(process.Utilization, 0, 0.01);
        Assert.Equal(process.Used, process.Statistics.Used);
        Array.ForEach(crowd, arena => arena.Park());
        Assert.InRange(process.Used, 0, most);
        Array.ForEach(crowd, arena => arena.Dispose());
    }

    [Fact]
    public void What_is_handed_out_is_used_and_so_is_what_a_full_block_lost()
    {
        using var process = new ProcessArena(new() { Capacity = 10 * Block, BlockSize = Block });
        using Arena arena = process.CreateArena();
        arena.Allocate<byte>(Block - 64);
        Assert.Equal(Block - 64, process.Used);
        arena.Allocate<byte>(128);
        Assert.Equal(Block + 128, process.Used);
        process.Allocate(8);
        Assert.Equal(Block + 136, process.Used);
    }

    [Fact]
    public void Memory_of_the_heap_is_none_of_the_arena_s()
    {
        using var process = new ProcessArena(new() { Capacity = Block, BlockSize = Block });
        using Arena first = process.CreateArena();
        first.Allocate<byte>(Block);
        using Arena second = process.CreateArena();
        second.Allocate<byte>(8);
        Assert.Equal(1, process.FallbackBlocks);
        Assert.Equal(Block, process.Used);
    }

    [Theory]
    [InlineData(ArenaReclamation.Never)]
    [InlineData(ArenaReclamation.PerRequest)]
    [InlineData(ArenaReclamation.Generational)]
    public void It_can_be_asked_for_while_arenas_run(ArenaReclamation reclamation)
    {
        using var process = new ProcessArena(new() { Capacity = 64 << 20, BlockSize = 1024, Reclamation = reclamation });
        using var stop = new CancellationTokenSource();
        Exception? failure = null;
        var reader = new Thread(() =>
        {
            try
            {
                while (!stop.IsCancellationRequested)
                {
                    Assert.InRange(process.Used, 0, process.Capacity);
                }
            }
            catch (Exception thrown)
            {
                failure = thrown;
            }
        });
        reader.Start();
        var random = new Random(1);
        for (int round = 0; round < 20; round++)
        {
            using Arena arena = process.CreateArena();
            for (int request = 0; request < 500; request++)
            {
                arena.Allocate<byte>(random.Next(2000));
                arena.Allocate<byte>(random.Next(500));
                arena.Reset();
            }
        }

        stop.Cancel();
        reader.Join();
        Assert.Null(failure);
    }
}
