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
        var failures = new System.Collections.Concurrent.ConcurrentQueue<Exception>();
        using var start = new Barrier(Threads);
        Thread[] threads = [.. Enumerable.Range(0, Threads).Select(index => new Thread(() =>
        {
            start.SignalAndWait();
            try
            {
                Serve(process, (byte)(index + 1));
            }
            catch (Exception failure)
            {
                failures.Enqueue(failure);
            }
        }))];
        Array.ForEach(threads, thread => thread.Start());
        Array.ForEach(threads, thread => thread.Join());
        Assert.Empty(failures);

        ArenaStatistics statistics = process.Statistics;
        Assert.Equal(0, statistics.Arenas);
        Assert.Equal(0, statistics.FallbackBlocks);
        Assert.InRange(statistics.GenerationsOpened - statistics.GenerationsRetired, 0, 1);
        Assert.InRange(statistics.GenerationsRetired, 500, long.MaxValue);
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
