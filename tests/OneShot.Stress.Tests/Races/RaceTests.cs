using System.Diagnostics;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Connections.Features;
using OneShot.AspNetCore.Hosting;
using OneShot.Stress.Tests.Servers;

namespace OneShot.Stress.Tests.Races;

/// <summary>
/// Abort, timeout, application, client and graceful stop race for each connection, in every order that a few hundred seeds bring out:
/// every connection ends, everything is given back, nobody gets another one's answer, and no two threads write at once.
/// </summary>
[Collection(OneAtATime.Name)]
public class RaceTests
{
    private const int Lanes = 6;
    private const int ConnectionsInRound = 100;

    /// <summary>Every fourth round keeps each request's memory apart and unreadable afterwards, so that a stale use of it shows.</summary>
    private const int DebugEvery = 4;

    private int _requests;

    [Fact]
    public Task In_any_order_on_a_wire_in_memory() => RunAsync(rounds: 40, firstRound: 0, () =>
    {
        var transport = new WireTransport();
        return (builder => StressServer.UseTransport(builder, transport), _ => new ValueTask<ClientEnd?>(transport.TryConnect()));
    });

    [Fact]
    public Task In_any_order_on_sockets() => RunAsync(rounds: 8, firstRound: 1_000_000, () =>
        (_ => { }, async server => await SocketEnd.TryConnectAsync(server.EndPoint)));

    [Fact]
    public Task In_any_order_on_the_transport() => RunAsync(rounds: 8, firstRound: 2_000_000, () =>
        (builder => builder.WebHost.UseOneShotTransport(), async server => await SocketEnd.TryConnectAsync(server.EndPoint)));

    /// <summary>So many rounds, or those that fit into <see cref="Settings.Seconds"/>, each on a server of its own.</summary>
    private async Task RunAsync(int rounds, int firstRound, Func<(Action<WebApplicationBuilder> Configure, Func<StressServer, ValueTask<ClientEnd?>> Connect)> makeRoad)
    {
        using var watch = new Watch(IsPlanned);
        var time = Stopwatch.StartNew();
        int connections = 0;
        int done = 0;
        for (; Settings.Seconds is { } seconds ? time.Elapsed.TotalSeconds < seconds : done < rounds; done++)
        {
            int round = firstRound + (Settings.Seed ?? 0) + done;
            (Action<WebApplicationBuilder> configure, Func<StressServer, ValueTask<ClientEnd?>> connect) = makeRoad();
            connections += await RunRoundAsync(watch, round, configure, connect);
            watch.AssertNothing($"Round {round}");
        }

        TestContext.Current.SendDiagnosticMessage(
            "{0} rounds, {1} connections, {2} requests, {3} planned exceptions in {4}", done, connections, _requests, watch.Expected, time.Elapsed);
    }

    private async Task<int> RunRoundAsync(Watch watch, int round, Action<WebApplicationBuilder> configure, Func<StressServer, ValueTask<ClientEnd?>> connect)
    {
        var clock = new ManualClock();
        var application = new RaceApplication(watch.Complain);
        await using StressServer server = await StressServer.StartAsync(
            watch,
            app => app.Run(application.RunAsync),
            builder =>
            {
                builder.Services.AddSingleton<TimeProvider>(clock);
                builder.Services.Configure<OneShotOptions>(options => options.Debug = round % DebugEvery == 0);
                configure(builder);
            },
            connection => Beat(connection, clock));

        // Which client does what, when the clock moves and by how much, and when the stop comes: all from the round's number.
        var random = new Random(round);
        int[] seeds = [.. Enumerable.Range(0, ConnectionsInRound).Select(_ => random.Next())];
        int stopAfter = random.Next(2) == 0 ? random.Next(ConnectionsInRound) : ConnectionsInRound;
        int next = -1;
        Task stop = Task.CompletedTask;
        using var over = new CancellationTokenSource();
        Task ticking = TickAsync(clock, random.Next(), over.Token);
        await Task.WhenAll(Enumerable.Range(0, Lanes).Select(_ => Task.Run(async () =>
        {
            int index;
            while ((index = Interlocked.Increment(ref next)) < ConnectionsInRound)
            {
                if (index == stopAfter)
                {
                    stop = server.StopAsync();
                }

                ClientEnd? end = await connect(server);
                if (end is null)
                {
                    continue;
                }

                var client = new RaceClient(end, index, seeds[index]);
                await client.RunAsync();
                client.Check(watch.Complain);
                Interlocked.Add(ref _requests, client.Requests);
            }
        }))).WaitAsync(TimeSpan.FromMinutes(5));

        await stop;
        await server.RestsAsync();
        await server.StopAsync();
        await over.CancelAsync();
        await ticking;
        return server.Connections;
    }

    /// <summary>The clock's beats reach a connection until it ends, as those of Kestrel's heartbeat do.</summary>
    private static ConnectionContext Beat(ConnectionContext connection, ManualClock clock)
    {
        connection.Features.Set<IConnectionHeartbeatFeature>(clock);
        return connection;
    }

    private static async Task TickAsync(ManualClock clock, int seed, CancellationToken over)
    {
        var random = new Random(seed);
        while (!over.IsCancellationRequested)
        {
            clock.Advance(TimeSpan.FromSeconds(random.Next(random.Next(20) == 0 ? 40 : 2)));
            for (int yields = random.Next(20); yields > 0; yields--)
            {
                await Task.Yield();
            }
        }
    }

    private static bool IsPlanned(Exception? exception) => exception switch
    {
        PlannedException => true,
        AggregateException several => several.Flatten().InnerExceptions.All(IsPlanned),
        ObjectDisposedException later => IsPlanned(later.InnerException), // a write behind one that OnStarting has failed
        _ => false,
    };
}
