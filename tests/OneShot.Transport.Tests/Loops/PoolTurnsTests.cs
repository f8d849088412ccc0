using OneShot.Transport.Loops;
using OneShot.Transport.Tests.Servers;

namespace OneShot.Transport.Tests.Loops;

[Collection(OneAtATime.Name)]
public sealed class PoolTurnsTests : IDisposable
{
    private readonly LoopThreads _threads = new(mostSpares: 8, loops: 1, TimeSpan.FromSeconds(1));

    /// <summary>The watchdog looks while the pool is about to begin the turn: whatever it thinks then, it thinks better of it.</summary>
    [Fact]
    public async Task A_pool_that_has_begun_all_is_not_taken_for_held_up()
    {
        var turns = new PoolTurns(_threads, most: int.MaxValue);
        int run = 0;
        const int Rounds = 2_000;
        for (int round = 0; round < Rounds; round++)
        {
            turns.Add(new Turn(() => Interlocked.Increment(ref run)));
            while (!turns.IsEmpty)
            {
                turns.Look();
            }

            await Limit.Until(() => turns.HasRoom);
        }

        await Limit.Until(() => Volatile.Read(ref run) == Rounds);
    }

    /// <summary>As many as there is room for run, and wait for one that there is no room for.</summary>
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public void Turns_that_wait_for_each_other_are_begun_where_the_pool_is_held_up(int most)
    {
        var turns = new PoolTurns(_threads, most);
        using var isOver = new CountdownEvent(most + 1);
        using var last = new ManualResetEventSlim();
        using var pool = new HeldUpPool(queued: 200);
        for (int i = 0; i < most; i++)
        {
            turns.Add(new Turn(() =>
            {
                last.Wait();
                isOver.Signal();
            }));
        }

        turns.Add(new Turn(() =>
        {
            last.Set();
            isOver.Signal();
        }));

        for (int looks = 0; looks < 10_000 && !isOver.Wait(1, TestContext.Current.CancellationToken); looks++)
        {
            turns.Look();
        }

        bool isInTime = isOver.IsSet;
        last.Set(); // whoever waits yet
        Assert.True(isInTime);
    }

    /// <summary>Turns that compute: no more at a time than there is room for, though the pool is held up and there are spares.</summary>
    [Fact]
    public void No_more_than_there_is_room_for_run_at_a_time()
    {
        const int Most = 2;
        var turns = new PoolTurns(_threads, Most);
        int running = 0;
        int mostRunning = 0;
        using var isOver = new CountdownEvent(40);
        using var pool = new HeldUpPool(queued: 200);
        for (int i = 0; i < 40; i++)
        {
            turns.Add(new Turn(() =>
            {
                int now = Interlocked.Increment(ref running);
                int before = Volatile.Read(ref mostRunning);
                while (now > before && Interlocked.CompareExchange(ref mostRunning, now, before) is var seen && seen != before)
                {
                    before = seen;
                }

                Thread.Sleep(2);
                Interlocked.Decrement(ref running);
                isOver.Signal();
            }));
        }

        int looks = 0;
        for (; looks < 10_000 && !isOver.Wait(1, TestContext.Current.CancellationToken); looks++)
        {
            turns.Look();
        }

        Assert.True(isOver.IsSet);
        Assert.InRange(mostRunning, 1, Most + (looks / PoolTurns.LooksUntilOneMore)); // that long on a busy machine only
    }

    public void Dispose() => _threads.Stop();

    private sealed class Turn(Action run) : IThreadPoolWorkItem
    {
        public void Execute() => run();
    }
}
