using System.Collections.Concurrent;
using System.IO.Pipelines;
using System.Net.Sockets;
using Microsoft.AspNetCore.Connections;
using OneShot.Transport.Tests.Servers;

namespace OneShot.Transport.Tests.Loops;

[Collection(OneAtATime.Name)]
public sealed class HandOverTests
{
    // Longer than anything takes that must happen before a loop is taken.
    private static readonly TimeSpan s_late = TimeSpan.FromSeconds(1);

    [Fact]
    public async Task Others_are_answered_while_a_handler_keeps_its_thread()
    {
        await using TransportServer server = await TransportServer.StartAsync();
        var holder = new Holder();
        await using var service = new EchoService(server, holder.Handle);
        using Holder last = holder; // let go before the service waits for its connections
        using EchoClient held = await EchoClient.ConnectAsync(server);
        using EchoClient other = await EchoClient.ConnectAsync(server);

        Task holding = await holder.HoldAsync(held);
        for (int i = 0; i < 1_000; i++)
        {
            Assert.Equal(i, await other.AskAsync(i));
        }

        using EchoClient late = await EchoClient.ConnectAsync(server);
        Assert.Equal(5, await late.AskAsync(5));
        Assert.True(server.Loops[0].Takes >= 1);
        Assert.False(holding.IsCompleted);
        holder.LetGo();
        await holding.Soon();
        Assert.Equal(6, await held.AskAsync(6));
    }

    [Fact]
    public async Task A_loop_is_not_taken_from_handlers_that_return()
    {
        await using TransportServer server = await TransportServer.StartAsync(options => options.HandOverAfter = TimeSpan.FromSeconds(20), idleOfSpares: TimeSpan.FromMilliseconds(20));
        await using var service = new EchoService(server, number => number);
        using EchoClient client = await EchoClient.ConnectAsync(server);

        for (int i = 0; i < 1_000; i++)
        {
            Assert.Equal(i, await client.AskAsync(i));
        }

        Assert.Equal(0, server.Loops[0].Takes);
        await Limit.Until(() => server.Threads.Spares == 0); // a first answer may have been given beside the loop
    }

    [Fact]
    public async Task Handlers_that_take_ten_milliseconds_are_answered_all()
    {
        await using TransportServer server = await TransportServer.StartAsync();
        await using var service = new EchoService(server, number =>
        {
            Thread.Sleep(10);
            return number;
        });
        EchoClient[] clients = await Task.WhenAll(Enumerable.Range(0, 16).Select(_ => EchoClient.ConnectAsync(server)));

        await Task.WhenAll(clients.Select(async client =>
        {
            for (int i = 0; i < 10; i++)
            {
                Assert.Equal(i, await client.AskAsync(i));
            }
        })).Soon();

        Array.ForEach(clients, client => client.Dispose());
    }

    [Fact]
    public async Task A_handler_may_wait_for_another_request_to_the_same_loop()
    {
        await using TransportServer server = await TransportServer.StartAsync();
        await using var service = new EchoService(server, number =>
        {
            if (number > 0)
            {
                using EchoClient inner = EchoClient.ConnectAsync(server).GetAwaiter().GetResult();
                Assert.Equal(number - 1, inner.AskAsync(number - 1).GetAwaiter().GetResult());
            }

            return number;
        });
        using EchoClient client = await EchoClient.ConnectAsync(server);

        for (int i = 0; i < 20; i++)
        {
            Assert.Equal(3, await client.AskAsync(3));
        }
    }

    [Fact]
    public async Task Requests_run_on_the_thread_pool_while_every_spare_is_held_up()
    {
        await using TransportServer server = await TransportServer.StartAsync(options => options.MaxSpareThreads = 2);
        var holder = new Holder();
        await using var service = new EchoService(server, holder.Handle);
        using Holder last = holder; // let go before the service waits for its connections
        using EchoClient first = await EchoClient.ConnectAsync(server);
        using EchoClient second = await EchoClient.ConnectAsync(server);
        using EchoClient other = await EchoClient.ConnectAsync(server);
        Task[] holding = [await holder.HoldAsync(first), await holder.HoldAsync(second)];
        await Limit.Until(() => !server.Threads.HasSpare);

        for (int i = 0; i < 100; i++)
        {
            Assert.Equal(Holder.NotOnLoop, await other.AskAsync(Holder.Hold));
        }

        Assert.True(server.Loops[0].Takes >= 2);
        Assert.Equal(2, server.Threads.Spares);
        holder.LetGo();
        await Task.WhenAll(holding).Soon();
        await Limit.Until(() => server.Threads.HasSpare);
        await (await holder.HoldAsync(other)).Soon(); // on a loop again
    }

    [Fact]
    public async Task Who_has_kept_a_loop_keeps_a_spare_the_next_time()
    {
        // A bound that no turn computes for, not even one in which code is compiled: the next would go to the thread pool.
        await using TransportServer server = await TransportServer.StartAsync(options => options.HandOverAfter = TimeSpan.FromMilliseconds(10));
        using var holder = new Holder();
        int onSpares = 0;
        await using var service = new EchoService(server, number =>
        {
            if (number == Holder.Hold)
            {
                return holder.Handle(number);
            }

            onSpares += EchoService.IsOnLoop ? 1 : 0; // not on the thread pool, where others wait for what they await
            Thread.Sleep(20);
            return number;
        });
        using EchoClient client = await EchoClient.ConnectAsync(server);
        Task holding = await holder.HoldAsync(client);
        await Limit.Until(() => server.Loops[0].Takes >= 1);
        holder.LetGo();
        await holding.Soon();
        long takes = server.Loops[0].Takes;

        for (int i = 0; i < 20; i++)
        {
            Assert.Equal(i, await client.AskAsync(i));
        }

        Assert.InRange(server.Loops[0].Takes - takes, 0, 2); // some where the system, or the compiler, keeps a turn of the loop's own for long
        Assert.InRange(onSpares, 15, 20); // a turn that seems to compute, for the same reasons, sends the next to the pool
    }

    [Fact]
    public async Task The_first_bytes_are_read_by_the_loop_though_they_were_there_before()
    {
        await using TransportServer server = await TransportServer.StartAsync(options => options.HandOverAfter = TimeSpan.FromSeconds(20));
        (Socket client, ConnectionContext connection) = await server.ConnectAsync();
        var holder = new Holder();
        await using var service = new EchoService(server, holder.Handle);
        using Holder last = holder; // let go before the service waits for its connections
        using EchoClient other = await EchoClient.ConnectAsync(server);
        await client.SendAsync(new byte[4]).Soon();
        Task holding = await holder.HoldAsync(other);

        Task<ReadResult> reading = connection.Transport.Input.ReadAsync().AsTask();

        Assert.False(reading.IsCompleted); // on the thread pool it would have found them at once
        holder.LetGo();
        ReadResult result = await reading.Soon();
        Assert.Equal(4, result.Buffer.Length);
        connection.Transport.Input.AdvanceTo(result.Buffer.End);
        await holding.Soon();
        client.Dispose();
        await connection.DisposeAsync().Soon();
    }

    [Fact]
    public async Task Bytes_that_come_with_their_end_before_the_first_read_are_read_before_the_end_is_told()
    {
        await using TransportServer server = await TransportServer.StartAsync();
        (Socket client, ConnectionContext connection) = await server.ConnectAsync();
        await using var service = new EchoService(server, number => number);
        await client.SendAsync(new byte[4]).Soon();
        client.Shutdown(SocketShutdown.Send);
        using (EchoClient other = await EchoClient.ConnectAsync(server))
        {
            await other.AskAsync(1); // the loop has seen all that was there before
        }

        var queued = new TaskCompletionSource();
        ThreadPool.UnsafeQueueUserWorkItem(_ => queued.SetResult(), null);
        await queued.Task.Soon(); // and what it has queued has run
        Assert.False(connection.ConnectionClosed.IsCancellationRequested); // Kestrel gives up a request for that

        ReadResult result = await connection.Transport.Input.ReadAsync().Soon();
        Assert.Equal(4, result.Buffer.Length);
        await Limit.Until(() => connection.ConnectionClosed.IsCancellationRequested);
        connection.Transport.Input.AdvanceTo(result.Buffer.End);
        client.Dispose();
        await connection.DisposeAsync().Soon();
    }

    [Fact]
    public async Task Without_spares_no_handler_runs_on_a_loop()
    {
        await using TransportServer server = await TransportServer.StartAsync(options => options.MaxSpareThreads = 0);
        var holder = new Holder();
        await using var service = new EchoService(server, holder.Handle);
        using Holder last = holder; // let go before the service waits for its connections
        using EchoClient client = await EchoClient.ConnectAsync(server);

        for (int i = 0; i < 200; i++)
        {
            Assert.Equal(Holder.NotOnLoop, await client.AskAsync(Holder.Hold));
        }
    }

    [Fact]
    public async Task The_last_spare_is_enough_for_all_loops_that_have_relied_on_it()
    {
        await using TransportServer server = await TransportServer.StartAsync(options =>
        {
            options.Loops = 2;
            options.MaxSpareThreads = 1;
            options.HandOverAfter = 5 * s_late; // both are held before either is taken
        });
        var holder = new Holder();
        await using var service = new EchoService(server, holder.Handle);
        using Holder last = holder; // let go before the service waits for its connections
        var clients = new List<EchoClient>();
        for (int i = 0; i < 4; i++)
        {
            clients.Add(await EchoClient.ConnectAsync(server)); // they go to the loops in turn
        }

        Task[] holding = await Task.WhenAll(holder.HoldAsync(clients[0]), holder.HoldAsync(clients[1]));

        Assert.Equal(2, await clients[2].AskAsync(2));
        Assert.Equal(3, await clients[3].AskAsync(3));
        holder.LetGo();
        await Task.WhenAll(holding).Soon();
        clients.ForEach(client => client.Dispose());
    }

    [Fact]
    public async Task Spares_are_let_go_when_they_are_not_needed()
    {
        await using TransportServer server = await TransportServer.StartAsync(idleOfSpares: TimeSpan.FromMilliseconds(20));
        var holder = new Holder();
        await using var service = new EchoService(server, holder.Handle);
        using Holder last = holder; // let go before the service waits for its connections
        using EchoClient first = await EchoClient.ConnectAsync(server);
        using EchoClient second = await EchoClient.ConnectAsync(server);
        Task[] holding = [await holder.HoldAsync(first), await holder.HoldAsync(second)];
        await Limit.Until(() => server.Threads.Spares == 2);

        holder.LetGo();
        await Task.WhenAll(holding).Soon();

        await Limit.Until(() => server.Threads.Spares == 0);
        Assert.Equal(1, await first.AskAsync(1));
        await Limit.Until(() => OwnProcess.LoopThreads() == 1);
    }

    [Fact]
    public async Task A_transport_stops_while_its_threads_are_held_up()
    {
        int sockets = OwnProcess.Sockets();
        TransportServer server = await TransportServer.StartAsync();
        using var holder = new Holder();
        var service = new EchoService(server, holder.Handle);
        EchoClient first = await EchoClient.ConnectAsync(server);
        EchoClient second = await EchoClient.ConnectAsync(server);
        Task[] holding = [await holder.HoldAsync(first), await holder.HoldAsync(second)];

        server.Stop();

        foreach (Task held in holding)
        {
            await Assert.ThrowsAnyAsync<SocketException>(held.Soon); // not left to wait
        }

        holder.LetGo();
        await service.DisposeAsync(); // nobody is left that is served
        first.Dispose();
        second.Dispose();
        await server.DisposeAsync();
        await Limit.Until(() => OwnProcess.Sockets() <= sockets);
    }

    [Fact]
    public async Task Nobody_waits_for_a_transport_that_has_stopped()
    {
        TransportServer server = await TransportServer.StartAsync();
        (Socket client, ConnectionContext connection) = await server.ConnectAsync();
        Task<ConnectionContext?> accepting = server.Listener.AcceptAsync().AsTask();
        Task<ReadResult> reading = connection.Transport.Input.ReadAsync().AsTask();
        Task<FlushResult> flushing = connection.Transport.Output.WriteAsync(new byte[16 * 1024 * 1024]).AsTask();
        Assert.False(accepting.IsCompleted || reading.IsCompleted || flushing.IsCompleted);

        server.Stop();

        await Assert.ThrowsAsync<ConnectionAbortedException>(reading.Soon);
        Assert.True((await flushing.Soon()).IsCompleted);
        Assert.Null(await accepting.Soon());
        await Limit.Until(() => connection.ConnectionClosed.IsCancellationRequested);
        await connection.DisposeAsync().Soon();
        client.Dispose();
        await server.DisposeAsync();
    }

    [Fact]
    public async Task A_handler_may_wait_for_the_end_that_came_with_its_bytes()
    {
        await using TransportServer server = await TransportServer.StartAsync(options => options.HandOverAfter = s_late);
        (Socket client, ConnectionContext connection) = await server.ConnectAsync();
        var holder = new Holder();
        await using var service = new EchoService(server, holder.Handle);
        using Holder last = holder; // let go before the service waits for its connections
        using EchoClient other = await EchoClient.ConnectAsync(server);
        Task<bool> reading = ReadAsync();
        Task holding = await holder.HoldAsync(other);
        await client.SendAsync(new byte[4]).Soon();
        client.Shutdown(SocketShutdown.Send);

        holder.LetGo(); // the loop finds both at once

        Assert.True(await reading.Soon());
        await holding.Soon();
        client.Dispose();
        await connection.DisposeAsync().Soon();

        async Task<bool> ReadAsync()
        {
            ReadResult result = await connection.Transport.Input.ReadAsync();
            connection.Transport.Input.AdvanceTo(result.Buffer.End);
            return connection.ConnectionClosed.WaitHandle.WaitOne(TimeSpan.FromSeconds(20));
        }
    }

    [Fact]
    public async Task What_goes_on_after_a_flush_may_wait_for_bytes_that_came_with_the_room()
    {
        await using TransportServer server = await TransportServer.StartAsync(options => options.HandOverAfter = s_late);
        (Socket client, ConnectionContext connection) = await server.ConnectAsync();
        var holder = new Holder();
        await using var service = new EchoService(server, holder.Handle);
        using Holder last = holder; // let go before the service waits for its connections
        using EchoClient other = await EchoClient.ConnectAsync(server);
        PipeReader input = connection.Transport.Input;
        Task<ReadResult> waiting = input.ReadAsync().AsTask();
        input.CancelPendingRead();
        await waiting.Soon();
        input.AdvanceTo(default); // it knows that the socket is empty
        ValueTask<FlushResult> flush;
        do
        {
            flush = connection.Transport.Output.WriteAsync(new byte[32 * 1024]);
        }
        while (flush.IsCompleted);
        Task<bool> writing = FlushAndReadAsync(flush);
        Task holding = await holder.HoldAsync(other);
        await client.SendAsync(new byte[4]).Soon();
        byte[] buffer = new byte[16 * 1024 * 1024];
        client.Blocking = false;
        while (client.Available > 0)
        {
            _ = client.Receive(buffer);
        }

        holder.LetGo(); // the loop finds room and bytes at once
        client.Blocking = true;
        Task draining = Task.Run(async () =>
        {
            while (await client.ReceiveAsync(buffer) > 0)
            {
                // until the end
            }
        });

        Assert.True(await writing.Soon());
        await holding.Soon();
        await connection.DisposeAsync().Soon();
        await draining.Soon();
        client.Dispose();

        async Task<bool> FlushAndReadAsync(ValueTask<FlushResult> flush)
        {
            await flush;
            return input.ReadAsync().AsTask().Wait(TimeSpan.FromSeconds(20));
        }
    }

    [Fact]
    public async Task Answers_are_sent_while_a_later_request_of_the_same_connection_keeps_the_thread()
    {
        await using TransportServer server = await TransportServer.StartAsync();
        var holder = new Holder();
        await using var service = new EchoService(server, holder.Handle);
        using Holder last = holder; // let go before the service waits for its connections
        using EchoClient client = await EchoClient.ConnectAsync(server);
        for (int round = 0; round < 20; round++)
        {
            Assert.Equal(0, await client.AskAsync(0));
        }

        await client.SendAsync(1, 2, 3, Holder.Hold, 4);

        for (int i = 1; i <= 3; i++)
        {
            Assert.Equal(i, await client.ReceiveAsync());
        }

        holder.LetGo();
        await client.ReceiveAsync(); // held, or served elsewhere
        Assert.Equal(4, await client.ReceiveAsync());
    }

    [Fact]
    public async Task Handlers_that_block_for_any_time_lose_no_request_and_answer_none_twice()
    {
        long end = Environment.TickCount64 + (1000L * (Settings.Seconds ?? 0));
        int seed = Settings.Seed ?? 1;
        do
        {
            await StressAsync(seed++);
        }
        while (Environment.TickCount64 < end);
    }

    private static async Task StressAsync(int seed)
    {
        const int Clients = 200;
        const int Requests = 25;
        int sockets = OwnProcess.Sockets();
        var handled = new ConcurrentDictionary<int, int>();
        TransportServer server = await TransportServer.StartAsync(options =>
        {
            options.Loops = 2;
            options.MaxSpareThreads = 4;
        });
        var service = new EchoService(server, number =>
        {
            handled.AddOrUpdate(number, 1, (_, count) => count + 1);
            var random = new Random(HashCode.Combine(seed, number));
            switch (random.Next(40))
            {
                case 0:
                    Thread.Sleep(random.Next(1, 8));
                    break;
                case 1:
                    Thread.SpinWait(random.Next(1, 300_000));
                    break;
                case 2:
                    Task.Run(() => { }).Wait();
                    break;
            }

            return ~number;
        });

        int answered = 0;
        await Task.WhenAll(Enumerable.Range(0, Clients).Select(id => Task.Run(async () =>
        {
            var random = new Random(HashCode.Combine(seed, id));
            using EchoClient client = await EchoClient.ConnectAsync(server);
            int leaveAfter = id % 4 == 0 ? random.Next(Requests) : Requests;
            for (int i = 0; i < leaveAfter;)
            {
                int[] batch = [.. Enumerable.Range((id * Requests) + i, Math.Min(random.Next(1, 4), leaveAfter - i))];
                await client.SendAsync(batch);
                foreach (int number in batch)
                {
                    Assert.Equal(~number, await client.ReceiveAsync());
                    Interlocked.Increment(ref answered);
                }

                i += batch.Length;
            }

            if (leaveAfter < Requests)
            {
                await client.SendAsync((id * Requests) + leaveAfter);
                client.Reset(); // whether that one is served is open
            }
        }))).WaitAsync(TimeSpan.FromSeconds(180));

        await service.DisposeAsync();
        Assert.All(handled.Values, count => Assert.Equal(1, count));
        Assert.True(handled.Count >= answered);
        await Limit.Until(() => server.Loops.Sum(loop => loop.Targets) == 0);
        await Limit.Until(() => OwnProcess.Sockets() <= sockets);
        await server.DisposeAsync();
        await Limit.Until(() => OwnProcess.LoopThreads() == 0);
    }
}
