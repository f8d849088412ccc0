using System.Globalization;
using OneShot.LoadTest.Drill.Supervision;
using OneShot.LoadTest.Drill.Traffic;
using OneShot.LoadTest.Servers;

namespace OneShot.LoadTest.Drill;

/// <summary>The replicas, each with its supervisor. Disposing it stops them all.</summary>
internal sealed class ReplicaSet : IAsyncDisposable
{
    /// <summary>The share at which the earliest replica drains: 85 % minus 10 points of jitter. What is younger than that is in rotation.</summary>
    public const double EarliestDrain = 0.75;

    private static readonly TimeSpan s_startTimeout = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan s_look = TimeSpan.FromMilliseconds(50);

    private readonly CancellationTokenSource _stop = new();
    private readonly ReplicaContainer?[] _current;
    private readonly Task[] _supervisors;
    private readonly MemoryCgroup[] _groups;

    /// <summary>Those of a drill.</summary>
    public ReplicaSet(DrillOptions options, SampleLocation location, Timeline timeline, RestartList restarts)
        : this(options.Replicas, options.Rules, location, port => Settings(options, port), replica => new ReplicaLog(replica, timeline, restarts), groups: Groups(options))
    {
    }

    /// <param name="replicas">How many.</param>
    /// <param name="rules">Of their orchestrator.</param>
    /// <param name="location">Where the sample is.</param>
    /// <param name="settings">What one is started with, by its port.</param>
    /// <param name="log">Made for each replica, from 0 on: is told what happens to it.</param>
    /// <param name="onLine">Called with a replica and every line of its output, on a thread of its own; those of a life before it is told of its end.</param>
    /// <param name="groups">In which each runs, and which end with this; null for none.</param>
    public ReplicaSet(
        int replicas, SupervisionRules rules, SampleLocation location, Func<int, SampleSettings> settings, Func<int, ISupervisionLog> log, Action<int, string>? onLine = null,
        IReadOnlyList<MemoryCgroup>? groups = null)
    {
        Ports = Processes.Ports.Free(replicas);
        _current = new ReplicaContainer?[replicas];
        _groups = [.. groups ?? []];
        _supervisors = [.. Ports.Select((port, replica) =>
        {
            SampleSettings own = settings(port);
            Supervisor supervisor = new(
                rules,
                () => _current[replica] = new ReplicaContainer(location, own, line => onLine?.Invoke(replica, line), _groups.ElementAtOrDefault(replica)),
                log(replica),
                TimeProvider.System);
            return Task.Run(() => supervisor.RunAsync(_stop.Token));
        })];
    }

    public IReadOnlyList<int> Ports { get; }

    /// <summary>Completes, with an exception, if a supervisor gives up.</summary>
    public Task Failed => Task.WhenAny(_supervisors).Unwrap();

    /// <summary>How many replicas the kernel has killed for want of memory. 0 where none has a limit.</summary>
    public long OomKills => _groups.Sum(static group => group.OomKills);

    /// <exception cref="LoadTestException">One of them ended instead, or is not ready after a minute.</exception>
    public Task WaitUntilReadyAsync(CancellationToken cancellationToken) =>
        Task.WhenAll(Enumerable.Range(0, Ports.Count).Select(replica => WaitUntilReadyAsync(replica, cancellationToken)));

    /// <summary>Gives the replicas ages from 0 to nearly <paramref name="oldest"/> of a life, evenly spread.</summary>
    public Task AgeAsync(double oldest, bool isLeaking, CancellationToken cancellationToken) =>
        Task.WhenAll(Ports.Select((port, replica) => ReplicaFiller.FillAsync(
            new UriBuilder(Uri.UriSchemeHttp, "127.0.0.1", port).Uri, oldest * replica / Ports.Count, isLeaking, cancellationToken)));

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await Task.WhenAll(_supervisors).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        _stop.Dispose();
        foreach (MemoryCgroup group in _groups)
        {
            group.Dispose();
        }
    }

    /// <exception cref="LoadTestException">This process may not make them.</exception>
    private static MemoryCgroup[] Groups(DrillOptions options)
    {
        try
        {
            return options.Leak > 0 ? [.. Enumerable.Range(0, options.Replicas).Select(_ => MemoryCgroup.Create(options.MemoryLimit))] : [];
        }
        catch (NotSupportedException exception)
        {
            throw new LoadTestException($"A leak needs a control group for each replica. {exception.Message}");
        }
    }

    private static SampleSettings Settings(DrillOptions options, int port) => new(Front.OneShot, options.Capacity, options.Leak > 0 ? "PerRequest" : "Never", port)
    {
        // Of its own accord the GC stops at three quarters of the container, and throws: here it is the kernel that would end the replica.
        Environment = options.Leak > 0
            ? new Dictionary<string, string> { ["DOTNET_GCHeapHardLimit"] = options.MemoryLimit.ToString("X", CultureInfo.InvariantCulture) }
            : new Dictionary<string, string>(),
        More =
        [
            $"--OneShot:Restart:SelfDrain={options.SelfDrain}",
            string.Create(CultureInfo.InvariantCulture, $"--OneShot:Restart:DrainDelay={options.DrainDelay:c}"),
            string.Create(CultureInfo.InvariantCulture, $"--OneShot:Restart:MinLife={options.MinLife:c}"),
            "--Logging:LogLevel:Default=Warning",
            .. options.HeapBudget is { } budget
                ? [$"--OneShot:Heap:Budget={budget}", string.Create(CultureInfo.InvariantCulture, $"--OneShot:Garbage={options.Garbage}")]
                : Array.Empty<string>(),
            .. options.Leak > 0
                ? [string.Create(CultureInfo.InvariantCulture, $"--OneShot:Leak={options.Leak}"), "--OneShot:MemoryCheck=Off"]
                : Array.Empty<string>(),
        ],
    };

    private async Task WaitUntilReadyAsync(int replica, CancellationToken cancellationToken)
    {
        long started = TimeProvider.System.GetTimestamp();
        while (TimeProvider.System.GetElapsedTime(started) < s_startTimeout)
        {
            if (_supervisors[replica].IsFaulted)
            {
                await _supervisors[replica];
            }

            if (_current[replica] is { } container)
            {
                if (container.Exited.IsCompleted)
                {
                    throw new LoadTestException($"Replica {replica + 1} ended at its start with exit code {await container.Exited}: {container.LastOutput}");
                }

                if (await container.ProbeAsync("/readyz", TimeSpan.FromSeconds(1), cancellationToken))
                {
                    return;
                }
            }

            await Task.Delay(s_look, cancellationToken);
        }

        throw new LoadTestException($"Replica {replica + 1} was not ready within {s_startTimeout.TotalSeconds:0} s: {_current[replica]?.LastOutput}");
    }
}

/// <summary>What happens to one replica, written into the timeline and the list of restarts.</summary>
internal sealed class ReplicaLog(int replica, Timeline timeline, RestartList restarts) : ISupervisionLog
{
    private bool _killed;

    public void Started()
    {
        _killed = false;
        timeline.ProcessIs(replica, running: true);
    }

    public void Terminating()
    {
    }

    public void Killing() => _killed = true;

    public void Ended(int exitCode, TimeSpan life, TimeSpan backOff)
    {
        ReplicaPhase phase = timeline.PhaseOf(replica);
        timeline.ProcessIs(replica, running: false);
        restarts.Add(replica, life, exitCode, backOff, phase, _killed);
    }
}

/// <summary>Where a replica is in its life.</summary>
internal enum ReplicaPhase
{
    /// <summary>No process: ended, and waiting for the orchestrator to start it again.</summary>
    Down,

    /// <summary>A process that the balancer has not taken into rotation yet.</summary>
    Starting,

    /// <summary>In rotation.</summary>
    Ready,

    /// <summary>Was in rotation and is not any more, on its way to the end.</summary>
    Draining,
}
