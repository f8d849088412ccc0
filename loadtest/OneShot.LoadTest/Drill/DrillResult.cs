using System.Globalization;
using OneShot.LoadTest.Drill.Traffic;

namespace OneShot.LoadTest.Drill;

/// <summary>Everything a report of <c>drill</c> says.</summary>
/// <param name="Failures">Failed requests, by what became of them.</param>
/// <param name="Latencies">Of the answers that came.</param>
/// <param name="Retries">Requests the balancer had to send once more, to the same or to another replica. A planned restart needs none.</param>
/// <param name="LastResort">Requests that went to draining replicas, because none was ready.</param>
internal sealed record DrillResult(
    DrillOptions Options,
    TimeSpan Duration,
    long Succeeded,
    IReadOnlyDictionary<string, int> Failures,
    Latencies Latencies,
    IReadOnlyList<Restart> Restarts,
    TimelineResult Timeline,
    long Retries,
    long LastResort,
    string? Unfinished)
{
    /// <summary>Replicas that the kernel has killed for want of memory.</summary>
    public long OomKills { get; init; }

    public long Failed => Failures.Values.Sum(static count => (long)count);

    /// <summary>Those that ended while they were in rotation, or before.</summary>
    public IEnumerable<Restart> Unplanned => Restarts.Where(restart => restart.Phase != ReplicaPhase.Draining);

    /// <summary>What the drill is about did not hold; null when it did.</summary>
    public string? Verdict
    {
        get
        {
            List<string> parts = [];
            if (Unfinished is not null)
            {
                parts.Add(Unfinished);
            }

            if (Failed > 0)
            {
                parts.Add($"{Failed} requests failed");
            }

            if (Timeline.AllDown > TimeSpan.Zero)
            {
                parts.Add(string.Create(CultureInfo.InvariantCulture, $"no replica was ready for {Timeline.AllDown.TotalSeconds:0.00} s"));
            }

            if (Options.IsAttacked && Restarts.Count > 0)
            {
                parts.Add($"{Restarts.Count} replicas were restarted by the attack");
            }

            if (Options.IsAttacked && Timeline.ReadyCounts.SkipLast(1).Any(time => time > TimeSpan.Zero))
            {
                parts.Add("replicas left the rotation under the attack");
            }

            if (Unplanned.Any())
            {
                parts.Add($"{Unplanned.Count()} replicas ended without having drained");
            }

            if (OomKills > 0)
            {
                parts.Add($"the kernel killed {OomKills} replicas for want of memory");
            }

            return parts.Count == 0 ? null : string.Join(", ", parts);
        }
    }
}

/// <summary>One restart of a replica.</summary>
/// <param name="Replica">From 0 on.</param>
/// <param name="At">Since the drill began.</param>
/// <param name="Life">Of the process that ended.</param>
/// <param name="ExitCode">128 + n for signal n.</param>
/// <param name="BackOff">How long the orchestrator waited before the next start.</param>
/// <param name="Phase">Where the replica was when it ended: anything but draining was not planned.</param>
/// <param name="Killed">SIGKILL, because it had not ended within the grace period.</param>
internal sealed record Restart(int Replica, TimeSpan At, TimeSpan Life, int ExitCode, TimeSpan BackOff, ReplicaPhase Phase, bool Killed);

/// <summary>The restarts since the drill began, until it is over. Thread-safe.</summary>
internal sealed class RestartList(TimeProvider time, Action<Restart> tell)
{
    private readonly Lock _lock = new();
    private readonly List<Restart> _all = [];
    private long? _begun;

    public int Count
    {
        get
        {
            lock (_lock)
            {
                return _all.Count;
            }
        }
    }

    /// <summary>What ended before was the start, and not the drill.</summary>
    public void Begin()
    {
        lock (_lock)
        {
            _all.Clear();
            _begun = time.GetTimestamp();
        }
    }

    /// <summary>From now on replicas end because the drill is over.</summary>
    public IReadOnlyList<Restart> End()
    {
        lock (_lock)
        {
            _begun = null;
            return [.. _all];
        }
    }

    public void Add(int replica, TimeSpan life, int exitCode, TimeSpan backOff, ReplicaPhase phase, bool killed)
    {
        Restart restart;
        lock (_lock)
        {
            if (_begun is not { } begun)
            {
                return;
            }

            restart = new Restart(replica, time.GetElapsedTime(begun), life, exitCode, backOff, phase, killed);
            _all.Add(restart);
        }

        tell(restart);
    }
}
