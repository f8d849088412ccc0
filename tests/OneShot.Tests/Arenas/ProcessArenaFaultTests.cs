namespace OneShot.Tests.Arenas;

/// <summary>Where the runtime or the system refuses something at the n-th step, nothing of the cap is lost.</summary>
public class ProcessArenaFaultTests
{
    [Fact]
    public void An_arena_that_cannot_be_made_does_not_keep_the_memory_mapped()
    {
        using ProcessArena process = new();
        FaultInjection.FailAfter(1);
        Assert.Throws<OutOfMemoryException>(process.CreateArena);
        Assert.True(FaultInjection.Stop());

        Assert.Equal(0, process.Statistics.Arenas);
    }

    [Fact]
    public void Without_a_thread_to_touch_ahead_memory_is_handed_out_all_the_same()
    {
        int refused = 0;
        for (int step = 1; step <= 10; step++)
        {
            ProcessArena process = new(new() { Capacity = 16 << 20, PreTouch = 1 << 20 });
            FaultInjection.FailAfter(step);
            bool isServed = process.TryAllocate(64, out Span<byte> memory);
            refused += FaultInjection.Stop() ? 1 : 0;
            Assert.True(isServed || process.TryAllocate(64, out memory));
            memory.Fill(1);
            process.Dispose();
        }

        Assert.InRange(refused, 2, 9); // the system's memory, and the thread
    }

    [Fact]
    public void What_fails_while_a_generation_is_opened_or_retired_costs_nothing_of_the_cap()
    {
        bool hasFailed = true;
        for (int step = 1; hasFailed; step++)
        {
            using ProcessArena process = new(new()
            {
                Capacity = 1 << 20,
                BlockSize = 4096,
                Reclamation = ArenaReclamation.Generational,
                Exhaustion = ArenaExhaustion.Throw,
                GenerationSize = 64 << 10,
            });
            Arena first = process.CreateArena();
            FaultInjection.FailAfter(step);
            try
            {
                first.Allocate<byte>(100_000);
                first.Allocate<byte>(10);
                first.Dispose();
            }
            catch (Exception refused) when (refused is OutOfMemoryException or ArenaExhaustedException)
            {
                // The request fails; what matters is what it leaves behind.
            }
            finally
            {
                hasFailed = FaultInjection.Stop();
            }

            first.Dispose();
            Assert.Equal(0, process.Used);
            using Arena second = process.CreateArena();
            second.Allocate<byte>((1 << 20) - (64 << 10)).Fill(1); // all but the generation that may be open
        }
    }
}
