using System.Diagnostics;
using System.Net.Sockets;
using OneShot.Transport.Tests.Servers;

namespace OneShot.Transport.Tests.Loops;

/// <summary>A loop without rest, and handlers that compute: whatever it finds better, everything is answered, by the loop or by the thread pool.</summary>
[Collection(OneAtATime.Name)]
public sealed class SharedTurnTests
{
    private static readonly TimeSpan s_computing = TimeSpan.FromMicroseconds(100);
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(30);

    public static TheoryData<bool, int, int, int> HeldUp { get; } = new(
        from sharesAlways in (bool[])[true, false]
        from queued in (int[])[0, 200]
        from turn in ((int Microseconds, int Times)[])[(100, 2_000), (5_000, 50)] // within the bound, and beyond it
        select (sharesAlways, queued, turn.Microseconds, turn.Times));

    [Fact]
    public async Task Turns_run_on_the_thread_pool_and_each_is_answered()
    {
        int elsewhere = 0;
        await using TransportServer server = await TransportServer.StartAsync(sharesAlways: true);
        await using var service = new EchoService(server, number =>
        {
            if (Thread.CurrentThread.IsThreadPoolThread)
            {
                Interlocked.Increment(ref elsewhere);
            }

            Compute();
            return number;
        });

        await AskUntilAsync(server, () => Volatile.Read(ref elsewhere) > 100);

        Assert.InRange(server.Loops[0].Shared, 1, long.MaxValue);
    }

    [Fact]
    public async Task Handlers_that_answer_at_once_stay_on_the_loop()
    {
        await using TransportServer server = await TransportServer.StartAsync(options => options.ShareAfter = TimeSpan.FromMilliseconds(500));
        await using var service = new EchoService(server, number => number);
        long start = Stopwatch.GetTimestamp();

        await AskUntilAsync(server, () => Stopwatch.GetElapsedTime(start) > TimeSpan.FromSeconds(1));

        Assert.Equal(0, server.Loops[0].Shared);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Nothing_is_shared_where_it_may_not(bool asManyLoopsAsProcessors)
    {
        await using TransportServer server = await TransportServer.StartAsync(options =>
        {
            options.Loops = asManyLoopsAsProcessors ? Environment.ProcessorCount : 1;
            options.ShareAfter = asManyLoopsAsProcessors ? options.ShareAfter : null;
        });
        await using var service = new EchoService(server, number =>
        {
            Compute();
            return number;
        });
        long start = Stopwatch.GetTimestamp();

        await AskUntilAsync(server, () => Stopwatch.GetElapsedTime(start) > TimeSpan.FromSeconds(1));

        Assert.All(server.Loops, static loop => Assert.Equal(0, loop.Shared));
    }

    /// <summary>
    /// A pool whose threads are all held up, with nothing in its queue or with much: what it was given runs elsewhere, and it gets no more. That may be turns that a
    /// loop shares, or those of a connection whose handlers have kept a thread at work.
    /// </summary>
    [Theory]
    [MemberData(nameof(HeldUp))]
    public async Task A_thread_pool_that_is_held_up_keeps_nobody_waiting(bool sharesAlways, int queued, int microseconds, int times)
    {
        await using TransportServer server = await TransportServer.StartAsync(sharesAlways: sharesAlways);
        await using var service = new EchoService(server, number =>
        {
            Compute(TimeSpan.FromMicroseconds(microseconds));
            return number;
        });
        Socket[] clients = await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => server.ConnectClientAsync()));
        foreach (Socket client in clients)
        {
            await Task.Run(() => Ask(client, times: 1)); // it is being served
        }

        using (new HeldUpPool(queued))
        {
            AskUnaided(clients, times);
        }

        Array.ForEach(clients, static client => client.Dispose());
    }

    /// <summary>Many connections, and a pool that now has threads and now has none: each is answered, in its order.</summary>
    [Fact]
    public async Task Nothing_is_lost_where_the_pool_comes_and_goes()
    {
        await using TransportServer server = await TransportServer.StartAsync(sharesAlways: true);
        await using var service = new EchoService(server, number =>
        {
            Compute();
            return number;
        });
        long start = Stopwatch.GetTimestamp();
        bool isOver = false;
        var holding = new Thread(() =>
        {
            while (!Volatile.Read(ref isOver))
            {
                for (int i = 0; i < ThreadPool.ThreadCount; i++)
                {
                    ThreadPool.UnsafeQueueUserWorkItem(static _ => Thread.Sleep(20), null);
                }

                Thread.Sleep(50);
            }
        })
        {
            IsBackground = true,
        };
        holding.Start();

        try
        {
            await AskUntilAsync(server, () => Stopwatch.GetElapsedTime(start) > TimeSpan.FromSeconds(3) && server.Loops[0].Shared > 0);
        }
        finally
        {
            Volatile.Write(ref isOver, true);
            holding.Join();
        }
    }

    /// <summary>On threads of their own: what they would await has no thread.</summary>
    private static void AskUnaided(Socket[] clients, int times)
    {
        List<Exception> failures = [];
        Thread[] asking = [.. clients.Select(client => new Thread(() =>
        {
            try
            {
                Ask(client, times);
            }
            catch (Exception exception)
            {
                lock (failures)
                {
                    failures.Add(exception);
                }
            }
        }))];
        Array.ForEach(asking, static thread => thread.Start());
        Array.ForEach(asking, static thread => thread.Join());
        Assert.Empty(failures);
    }

    private static void Ask(Socket client, int times)
    {
        byte[] bytes = new byte[sizeof(int)];
        for (int number = 0; number < times; number++)
        {
            client.Send(BitConverter.GetBytes(number));
            for (int received = 0; received < bytes.Length;)
            {
                int read = client.ReceiveUnaided(bytes.AsSpan(received), s_patience);
                received += read > 0 ? read : throw new EndOfStreamException();
            }

            Assert.Equal(number, BitConverter.ToInt32(bytes));
        }
    }

    private static async Task AskUntilAsync(TransportServer server, Func<bool> isDone)
    {
        long start = Stopwatch.GetTimestamp();
        await Task.WhenAll(Enumerable.Range(0, 16).Select(async _ =>
        {
            using EchoClient client = await EchoClient.ConnectAsync(server);
            for (int number = 0; !isDone() && Stopwatch.GetElapsedTime(start) < s_patience; number++)
            {
                Assert.Equal(number, await client.AskAsync(number));
            }
        }));
        Assert.True(isDone());
    }

    private static void Compute() => Compute(s_computing);

    private static void Compute(TimeSpan time)
    {
        for (long start = Stopwatch.GetTimestamp(); Stopwatch.GetElapsedTime(start) < time;)
        {
        }
    }
}
