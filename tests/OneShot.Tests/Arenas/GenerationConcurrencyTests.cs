namespace OneShot.Tests.Arenas;

/// <summary>
/// Generations of a few blocks, so that one closes every few requests, under threads that begin and end requests all the
/// time. Memory of a retired generation is inaccessible: a hold that was released too early ends the process.
/// </summary>
public class GenerationConcurrencyTests
{
    private const int Threads = 4;

    [Fact]
    public void No_generation_goes_while_a_request_still_uses_it()
    {
        using var process = new ProcessArena(new()
        {
            Capacity = 2 << 20,
            BlockSize = 1024,
            GenerationSize = 8192,
            Reclamation = ArenaReclamation.Generational,
        });
        Run(index => Serve(process, (byte)(index + 1)));

        ArenaStatistics statistics = process.Statistics;
        Assert.Equal(0, statistics.Arenas);
        Assert.Equal(0, statistics.FallbackBlocks);
        Assert.InRange(statistics.GenerationsOpened - statistics.GenerationsRetired, 0, 1);
        Assert.InRange(statistics.GenerationsRetired, 500, long.MaxValue);
    }

    /// <summary>A block that is filled to the end leaves no tail for its arena to keep, so every request takes the count of holds down to what others have.</summary>
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void No_generation_goes_while_a_request_that_keeps_no_tail_still_uses_it(int blocks)
    {
        const int Block = 1024;
        using var process = new ProcessArena(new()
        {
            Capacity = 1 << 20,
            BlockSize = Block,
            GenerationSize = blocks * Block,
            Reclamation = ArenaReclamation.Generational,
        });
        Run(index =>
        {
            using Arena arena = process.CreateArena();
            byte pattern = (byte)(index + 1);
            for (int request = 0; request < 5_000; request++)
            {
                Span<byte> whole = arena.Allocate<byte>(Block);
                Assert.False(whole.ContainsAnyExcept((byte)0));
                whole.Fill(pattern);
                Assert.False(whole.ContainsAnyExcept(pattern));
                arena.Reset();
            }
        });

        Assert.Equal(0, process.Statistics.FallbackBlocks);
        Assert.InRange(process.Statistics.GenerationsOpened - process.Statistics.GenerationsRetired, 0, 1);
    }

    private static void Run(Action<int> serve)
    {
        var failures = new System.Collections.Concurrent.ConcurrentQueue<Exception>();
        using var start = new Barrier(Threads);
        Thread[] threads = [.. Enumerable.Range(0, Threads).Select(index => new Thread(() =>
        {
            start.SignalAndWait();
            try
            {
                serve(index);
            }
            catch (Exception failure)
            {
                failures.Enqueue(failure);
            }
        }))];
        Array.ForEach(threads, thread => thread.Start());
        Array.ForEach(threads, thread => thread.Join());
        Assert.Empty(failures);
    }

    /// <summary>Two arenas in turn: while one is used the other idles, and with it the tail it kept.</summary>
    private static void Serve(ProcessArena process, byte pattern)
    {
        using Arena first = process.CreateArena();
        using Arena second = process.CreateArena();
        var random = new Random(pattern);
        for (int request = 0; request < 5_000; request++)
        {
            Arena arena = request % 3 == 0 ? second : first;
            UnsafeSlice<byte> held = arena.AllocateUnsafe<byte>(random.Next(1, 200));
            UnsafeSlice<byte> large = arena.AllocateUnsafe<byte>(random.Next(1, 900));
            Assert.False(held.Span.ContainsAnyExcept((byte)0) || large.Span.ContainsAnyExcept((byte)0));
            held.Span.Fill(pattern);
            large.Span.Fill(pattern);
            Assert.False(held.Span.ContainsAnyExcept(pattern) || large.Span.ContainsAnyExcept(pattern));
            arena.Reset();
        }
    }
}
