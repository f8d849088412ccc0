using OneShot.LoadTest.Drill;
using OneShot.LoadTest.Drill.Balancing;
using OneShot.LoadTest.Drill.Supervision;
using OneShot.LoadTest.Processes;
using OneShot.LoadTest.Servers;

namespace OneShot.LoadTest.Tail.Targets;

/// <summary>
/// Replicas behind HAProxy, each restarted when it ends, by the parts of the drill: one that is due drains by itself (<c>SelfDrain</c>) and ends,
/// and is started again as Docker does. Every side stands so, and only a heap budget brings restarts.
/// </summary>
internal sealed class BalancedReplicas : ITailTarget
{
    private static readonly TimeSpan s_readyTimeout = TimeSpan.FromSeconds(120);

    private readonly TailOptions _options;
    private readonly Timeline _timeline;
    private readonly RestartList _restarts = new(TimeProvider.System, static _ => { });
    private readonly ReplicaLives _lives;
    private readonly BudgetLog[] _budgets;
    private readonly ReplicaSet _replicas;
    private readonly FiguresClient[] _figures;
    private readonly CancellationTokenSource _watching = new();
    private HaProxy? _balancer;
    private Task _watch = Task.CompletedTask;
    private DateTime _begun;
    private long _retriesBefore;

    private BalancedReplicas(TailOptions options, SampleLocation location, SampleSettings settings)
    {
        _options = options;
        _timeline = new Timeline(options.Replicas, TimeProvider.System);
        _lives = new ReplicaLives(options.Replicas);
        _budgets = [.. Enumerable.Range(0, options.Replicas).Select(replica => new BudgetLog(replica))];
        _replicas = new ReplicaSet(
            options.Replicas,
            SupervisionRules.Compose,
            location,
            port => settings with { Port = port },
            replica => new LifeLog(replica, _lives, new ReplicaLog(replica, _timeline, _restarts)),
            OnLine);
        _figures = [.. _replicas.Ports.Select(port => new FiguresClient(new UriBuilder(Uri.UriSchemeHttp, "127.0.0.1", port).Uri))];
    }

    public Uri Address => _balancer!.Address;

    /// <param name="options">How many, among others.</param>
    /// <param name="location">Where the sample is.</param>
    /// <param name="haProxy">Where HAProxy is.</param>
    /// <param name="settings">Of each replica, but for its port.</param>
    /// <param name="age">Whether they are given different ages: where a heap budget restarts them, they must not do so together.</param>
    /// <param name="cancellationToken">Ends the start, and what was started.</param>
    /// <exception cref="LoadTestException">A replica or the balancer did not start.</exception>
    public static async Task<BalancedReplicas> StartAsync(
        TailOptions options, SampleLocation location, string haProxy, SampleSettings settings, bool age, CancellationToken cancellationToken)
    {
        BalancedReplicas target = new(options, location, settings);
        try
        {
            await target.StartAsync(haProxy, age, cancellationToken);
            return target;
        }
        catch
        {
            await target.DisposeAsync();
            throw;
        }
    }

    public async Task<T> WhileAliveAsync<T>(Func<CancellationToken, Task<T>> work, CancellationToken cancellationToken)
    {
        using CancellationTokenSource either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        Task<T> working = work(either.Token);
        Task first = await Task.WhenAny(working, _watch, _replicas.Failed);
        if (first != working)
        {
            await either.CancelAsync();
            await ((Task)working).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            await first;
        }

        return await working;
    }

    public async Task BeginAsync(CancellationToken cancellationToken)
    {
        await _lives.BeginAsync((replica, cancel) => _figures[replica].ReadStatsAsync(cancel), cancellationToken);
        _retriesBefore = await ReadRetriesAsync(cancellationToken);
        _timeline.Begin();
        _restarts.Begin();
        _begun = DateTime.UtcNow;
    }

    public async Task<TargetFigures> EndAsync(DateTime started, CancellationToken cancellationToken)
    {
        IReadOnlyList<Restart> restarts = _restarts.End();
        TimeSpan noneReady = _timeline.Read().AllDown;
        long retries = await ReadRetriesAsync(cancellationToken) - _retriesBefore;
        await Task.Delay(TargetFigures.EventDelay, cancellationToken);
        LivesTotal total = await _lives.EndAsync(
            async (replica, cancel) => (await _figures[replica].ReadStatsAsync(cancel), await _figures[replica].ReadGcPausesAsync(cancel)), cancellationToken);
        return new TargetFigures(
            total.CpuMicroseconds,
            total.Gc,
            total.Pauses,
            [.. _budgets.SelectMany(budget => budget.Since(started)).OrderBy(mark => mark.At)],
            new ReplicaTurn([.. restarts.Select(restart => restart with { At = restart.At + (_begun - started) })], noneReady, retries, total.Lost));
    }

    public async ValueTask DisposeAsync()
    {
        await _watching.CancelAsync();
        await _watch.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        _watching.Dispose();
        if (_balancer is not null)
        {
            await _balancer.DisposeAsync();
        }

        await _replicas.DisposeAsync();
        foreach (FiguresClient client in _figures)
        {
            client.Dispose();
        }
    }

    private async Task StartAsync(string haProxy, bool age, CancellationToken cancellationToken)
    {
        await _replicas.WaitUntilReadyAsync(cancellationToken);
        if (age)
        {
            await _replicas.AgeAsync(ReplicaSet.EarliestDrain, isLeaking: false, cancellationToken);
        }

        int[] ports = Ports.Free(2);
        _balancer = await HaProxy.StartAsync(haProxy, _replicas.Ports, ports[0], ports[1], _options.CheckInterval, cancellationToken);
        // As often as the balancer itself looks: each look is garbage in this process, whose pauses would be taken for the servers'.
        _watch = _balancer.WatchAsync(_timeline, _watching.Token, _options.CheckInterval);
        if (!await RestartDrill.UntilAsync(() => _timeline.ReadyNow() == _options.Replicas, s_readyTimeout, [_watch, _replicas.Failed], cancellationToken))
        {
            throw new LoadTestException($"The {_options.Replicas} replicas were not all in rotation within {s_readyTimeout.TotalSeconds:0} s.");
        }
    }

    private void OnLine(int replica, string line)
    {
        _lives.OnLine(replica, line);
        _budgets[replica].OnLine(line);
    }

    private async Task<long> ReadRetriesAsync(CancellationToken cancellationToken) =>
        (await _balancer!.ReadServersAsync(cancellationToken)).Sum(server => server.Retries + server.Redispatches);

    /// <summary>Tells the lives, and then the timeline.</summary>
    private sealed class LifeLog(int replica, ReplicaLives lives, ReplicaLog log) : ISupervisionLog
    {
        public void Started()
        {
            lives.Started(replica);
            log.Started();
        }

        public void Terminating() => log.Terminating();

        public void Killing() => log.Killing();

        public void Ended(int exitCode, TimeSpan life, TimeSpan backOff)
        {
            lives.Ended(replica);
            log.Ended(exitCode, life, backOff);
        }
    }
}
