using System.Collections.Concurrent;
using System.Net.Sockets;
using Microsoft.AspNetCore.Connections;
using OneShot.Transport.Tests.Servers;

namespace OneShot.Transport.Tests.Faults;

/// <summary>
/// Clients of every manner on a transport whose calls take their time, do less than they could, or fail, with handlers that block
/// and connections that are aborted: every connection ends, gives back what it had, and is forgotten. Three seconds, or
/// <c>ONESHOT_SOAK_SECONDS</c>; a failure names the seed, <c>ONESHOT_SOAK_SEED</c>.
/// </summary>
[Collection(OneAtATime.Name)]
public sealed class DisorderTests
{
    private const int Clients = 6;

    [Fact]
    public async Task Every_connection_ends_and_is_forgotten()
    {
        long end = Environment.TickCount64 + (1000 * (Settings.Seconds ?? 3));
        int connections = 0;
        for (int seed = Settings.Seed ?? 1; Environment.TickCount64 < end; seed++)
        {
            try
            {
                connections += await RoundAsync(seed);
            }
            catch (Exception exception)
            {
                throw new InvalidOperationException($"Seed {seed}: {exception.Message}", exception);
            }
        }

        TestContext.Current.TestOutputHelper?.WriteLine($"{connections} connections");
        Assert.True(connections > Clients);
    }

    private static async Task<int> RoundAsync(int seed)
    {
        int descriptors = DescriptorTable.Instance.Count;
        var references = new ConcurrentBag<WeakReference>();
        using (var plan = new Disorder(seed))
        {
            plan.Begin();
            TransportServer server = await TransportServer.StartAsync(options => options.Loops = 1 + (seed & 1), sharesAlways: (seed & 2) != 0);
            await using (var service = new ConnectionService(server, connection =>
            {
                references.Add(new WeakReference(connection));
                return ServeAsync(connection, new Random(seed + references.Count));
            }))
            {
                await Task.WhenAll(Enumerable.Range(0, Clients).Select(client => Task.Run(() => BeAClientAsync(server, new Random((seed * Clients) + client)))));
            }

            Assert.All(server.Loops, loop => Assert.Equal(0, loop.Targets));
            await server.DisposeAsync();
        }

        await Limit.Until(() => DescriptorTable.Instance.Count == descriptors, "All descriptors are closed");
        await Limit.Until(() =>
        {
            GC.Collect();
            return references.All(static reference => !reference.IsAlive);
        }, "All connections are forgotten");
        return references.Count;
    }

    private static async Task ServeAsync(ConnectionContext connection, Random random)
    {
        switch (random.Next(8))
        {
            case 0:
                connection.Abort();
                return;
            case 1:
                await connection.Transport.Input.ReadAsync();
                Thread.Sleep(random.Next(6));
                connection.Transport.Output.Complete(random.Next(2) == 0 ? null : new IOException("the application's"));
                return;
            case 2:
                _ = Task.Run(() =>
                {
                    Thread.SpinWait(random.Next(2_000));
                    connection.Abort(new ConnectionAbortedException("by another thread"));
                });
                break;
            case 3:
                _ = Task.Run(() =>
                {
                    Thread.SpinWait(random.Next(2_000));
                    connection.Transport.Input.CancelPendingRead();
                    connection.Transport.Output.CancelPendingFlush();
                });
                break;
        }

        await Conversation.ServeAsync(connection);
    }

    private static async Task BeAClientAsync(TransportServer server, Random random)
    {
        for (int i = 0; i < 8; i++)
        {
            if (random.Next(2) == 0)
            {
                await Conversation.AskAsync(server, [.. Enumerable.Range(0, random.Next(1, 5)).Select(_ => random.Next(1 << random.Next(1, 20)))]);
                continue;
            }

            try
            {
                using Socket client = await server.ConnectClientAsync();
                await client.SendAsync(BitConverter.GetBytes(random.Next(1 << 22)).AsMemory(0, random.Next(5)));
                byte[] buffer = new byte[random.Next(1, 60_000)];
                for (int receives = random.Next(4); receives > 0; receives--)
                {
                    using var patience = new CancellationTokenSource(random.Next(1, 20));
                    await client.ReceiveAsync(buffer, patience.Token);
                }

                Leave(client, random);
            }
            catch (Exception exception) when (exception is SocketException or OperationCanceledException)
            {
                // the server's end, or nothing to receive
            }
        }
    }

    private static void Leave(Socket client, Random random)
    {
        int manner = random.Next(4);
        if (manner is 1 or 3)
        {
            try
            {
                client.Shutdown(SocketShutdown.Send);
            }
            catch (SocketException)
            {
                // it has been reset
            }
        }

        if (manner is 2 or 3)
        {
            client.LingerState = new LingerOption(enable: true, seconds: 0); // a reset
        }
    }
}
