using OneShot.AspNetCore.Http1.Response;

namespace OneShot.AspNetCore.Tests.Http1.Response;

/// <summary>A lock of our own is a lock: one thread at a time, as often as it likes, and who waits gets in.</summary>
public sealed class WriteGateTests
{
    private const int Threads = 4;
    private const int Rounds = 20_000;

    private WriteGate _gate;
    private int _inside;
    private long _plain; // counted without any atomic operation

    [Fact]
    public async Task Only_one_thread_is_inside_however_deep_it_goes()
    {
        var random = new Random(1);
        int[] seeds = [.. Enumerable.Range(0, Threads).Select(_ => random.Next())];
        await Task.WhenAll([.. seeds.Select(seed => Task.Factory.StartNew(() => Work(new Random(seed)), TaskCreationOptions.LongRunning))]);

        Assert.Equal(Threads * Rounds, _plain);
        Assert.False(_gate.IsHeldByCurrentThread);
        _gate.Enter(); // nobody has left it closed
        _gate.Leave();
    }

    [Fact]
    public void Who_waits_while_another_thread_is_inside_for_long_gets_in()
    {
        _gate.Enter();
        var waiter = new Thread(() =>
        {
            _gate.Enter();
            _plain++;
            _gate.Leave();
        });
        waiter.Start();
        Assert.False(waiter.Join(TimeSpan.FromMilliseconds(50))); // spun, yielded and slept meanwhile
        Assert.Equal(0, Volatile.Read(ref _plain));
        _gate.Enter();
        _gate.Leave();
        Assert.True(_gate.IsHeldByCurrentThread);
        _gate.Leave();
        waiter.Join();
        Assert.Equal(1, _plain);
    }

    private void Work(Random random)
    {
        for (int i = 0; i < Rounds; i++)
        {
            int depth = 1 + random.Next(3);
            for (int entry = 0; entry < depth; entry++)
            {
                _gate.Enter();
                Assert.True(_gate.IsHeldByCurrentThread);
            }

            Assert.Equal(1, Interlocked.Increment(ref _inside));
            _plain++;
            if (random.Next(200) == 0)
            {
                Thread.Yield();
            }

            Interlocked.Decrement(ref _inside);
            for (int entry = 0; entry < depth; entry++)
            {
                Assert.True(_gate.IsHeldByCurrentThread);
                _gate.Leave();
            }
        }
    }
}
