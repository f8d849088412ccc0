using System.Globalization;
using OneShot.LoadTest.Drill.Balancing;
using OneShot.LoadTest.Drill.Traffic;
using OneShot.LoadTest.Processes;
using OneShot.LoadTest.Servers;

namespace OneShot.LoadTest.Drill;

/// <summary>Replicas that fill their arenas and are restarted, behind a balancer, under a load whose every request is counted.</summary>
internal sealed class RestartDrill(DrillOptions options, SampleLocation location, string haProxy)
{
    private static readonly TimeSpan s_look = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan s_recovery = TimeSpan.FromSeconds(120);

    /// <summary>Is told what happens, with how much of the whole is done, 0 to 1.</summary>
    public Action<string, double> Progress { get; init; } = static (_, _) => { };

    /// <exception cref="LoadTestException">The replicas or the balancer could not be started, or the balancer died.</exception>
    public async Task<DrillResult> RunAsync(CancellationToken cancellationToken)
    {
        Timeline timeline = new(options.Replicas, TimeProvider.System);
        RestartList? restarts = null;
        restarts = new RestartList(TimeProvider.System, restart => Progress(Describe(restart), Math.Min(1, (double)restarts!.Count / options.Restarts)));

        Progress("Starting the replicas", 0);
        await using ReplicaSet replicas = new(options, location, timeline, restarts);
        await replicas.WaitUntilReadyAsync(cancellationToken);
        if (!options.InStep)
        {
            Progress("Giving the replicas their ages", 0);
            await replicas.AgeAsync(ReplicaSet.EarliestDrain, options.Leak > 0, cancellationToken);
        }

        int[] ports = Ports.Free(2);
        await using HaProxy balancer = await HaProxy.StartAsync(haProxy, replicas.Ports, ports[0], ports[1], options.CheckInterval, cancellationToken);
        using CancellationTokenSource watching = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        Task watch = balancer.WatchAsync(timeline, watching.Token);
        await UntilAsync(() => timeline.ReadyNow() == options.Replicas, s_recovery, [watch], cancellationToken);

        RequestTally tally = new();
        using CancellationTokenSource loading = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        timeline.Begin();
        restarts.Begin();
        long begun = TimeProvider.System.GetTimestamp();
        Task load = new SteadyLoad(balancer.Address, options.RequestsPerSecond, options.Clients, tally).RunAsync(loading.Token);
        Progress("Load runs", 0);

        string? unfinished = options.IsAttacked ? await AttackAsync(replicas, [watch, load, replicas.Failed], cancellationToken)
            : await UntilAsync(() => restarts.Count >= options.Restarts, options.Limit, [watch, load, replicas.Failed], cancellationToken) ? null
            : string.Create(CultureInfo.InvariantCulture, $"only {restarts.Count} of {options.Restarts} restarts within {options.Limit.TotalSeconds:0} s");
        // The last one counts as the others do: until it is back. Each by itself, since by then another may be away.
        HashSet<int> away = [.. Enumerable.Range(0, options.Replicas)];
        bool AreBack()
        {
            away.RemoveWhere(replica => timeline.PhaseOf(replica) == ReplicaPhase.Ready);
            return away.Count == 0;
        }

        if (unfinished is null && !await UntilAsync(AreBack, s_recovery, [watch, load, replicas.Failed], cancellationToken))
        {
            unfinished = "not all replicas came back after the last restart";
        }

        await loading.CancelAsync();
        await load;
        TimeSpan duration = TimeProvider.System.GetElapsedTime(begun);
        TimelineResult times = timeline.Read();
        IReadOnlyList<Restart> list = restarts.End();
        IReadOnlyList<BalancedServer> servers = await balancer.ReadServersAsync(cancellationToken);
        await watching.CancelAsync();
        await watch;
        Progress("Stopping the replicas", 1);
        return new DrillResult(
            options,
            duration,
            tally.Succeeded,
            tally.Failures(),
            tally.Latencies(),
            list,
            times,
            servers.Sum(server => server.Retries + server.Redispatches),
            servers.Sum(server => server.LastResort),
            unfinished)
        {
            OomKills = replicas.OomKills,
        };
    }

    /// <returns>What went wrong with the attack; null for nothing.</returns>
    private async Task<string?> AttackAsync(ReplicaSet replicas, Task[] faults, CancellationToken cancellationToken)
    {
        Uri[] addresses = [.. replicas.Ports.Select(port => new UriBuilder(Uri.UriSchemeHttp, "127.0.0.1", port).Uri)];
        using CancellationTokenSource attacking = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        using HttpClient client = new(new SocketsHttpHandler { UseProxy = false });
        Task attack = Task.WhenAll(addresses.Select(address => new ArenaFlood(address).RunAsync(attacking.Token)));
        try
        {
            long begun = TimeProvider.System.GetTimestamp();
            foreach (Uri address in addresses)
            {
                while (!await ArenaFlood.HasFilledAsync(client, address, cancellationToken))
                {
                    if (TimeProvider.System.GetElapsedTime(begun) > s_recovery)
                    {
                        return "an arena did not fill";
                    }

                    await Task.Delay(s_look, cancellationToken);
                }
            }

            Progress("All arenas are full", 0.5);
            await UntilAsync(static () => false, options.Limit, faults, cancellationToken);
            return null;
        }
        finally
        {
            await attacking.CancelAsync();
            await attack;
        }
    }

    /// <returns>False when the time ran out first.</returns>
    public static async Task<bool> UntilAsync(Func<bool> condition, TimeSpan limit, Task[] faults, CancellationToken cancellationToken)
    {
        long started = TimeProvider.System.GetTimestamp();
        while (!condition())
        {
            foreach (Task fault in faults)
            {
                if (fault.IsFaulted)
                {
                    await fault;
                }
            }

            if (TimeProvider.System.GetElapsedTime(started) > limit)
            {
                return false;
            }

            await Task.Delay(s_look, cancellationToken);
        }

        return true;
    }

    private static string Describe(Restart restart) => string.Create(
        CultureInfo.InvariantCulture,
        $"{restart.At.TotalSeconds,6:0.0} s: replica {restart.Replica + 1} ended ({restart.Phase}, exit code {restart.ExitCode}) after {restart.Life.TotalSeconds:0.0} s, back-off {restart.BackOff.TotalSeconds:0.00} s");
}
