namespace OneShot.LoadTest.Drill;

/// <summary>
/// Adds up how long each replica was in each phase, and how long how many were ready. What is ready is what the balancer sends
/// requests to, as long as there is a process. Thread-safe.
/// </summary>
internal sealed class Timeline
{
    private readonly Lock _lock = new();
    private readonly TimeProvider _time;
    private readonly Replica[] _replicas;
    private readonly TimeSpan[] _readyCounts;
    private long _since;

    public Timeline(int replicas, TimeProvider time)
    {
        _time = time;
        _replicas = new Replica[replicas];
        _readyCounts = new TimeSpan[replicas + 1];
        for (int i = 0; i < replicas; i++)
        {
            _replicas[i] = new Replica();
        }

        _since = time.GetTimestamp();
    }

    /// <summary>Forgets what was until now: the replicas had to come up first.</summary>
    public void Begin()
    {
        lock (_lock)
        {
            _since = _time.GetTimestamp();
            Array.Clear(_readyCounts);
            foreach (Replica replica in _replicas)
            {
                Array.Clear(replica.Times);
            }
        }
    }

    public void ProcessIs(int replica, bool running)
    {
        lock (_lock)
        {
            AddUp();
            _replicas[replica].Running = running;
            _replicas[replica].WasReady = false;
        }
    }

    public void RotationIs(int replica, bool inRotation)
    {
        lock (_lock)
        {
            AddUp();
            _replicas[replica].InRotation = inRotation;
            _replicas[replica].WasReady |= inRotation && _replicas[replica].Running;
        }
    }

    public ReplicaPhase PhaseOf(int replica)
    {
        lock (_lock)
        {
            return _replicas[replica].Phase;
        }
    }

    public int ReadyNow()
    {
        lock (_lock)
        {
            return _replicas.Count(replica => replica.Phase == ReplicaPhase.Ready);
        }
    }

    /// <summary>Since <see cref="Begin"/>: by replica the time in each phase, and the time with 0, 1, ... replicas ready.</summary>
    public TimelineResult Read()
    {
        lock (_lock)
        {
            AddUp();
            return new TimelineResult(
                [.. _replicas.Select(replica => Enum.GetValues<ReplicaPhase>().ToDictionary(phase => phase, phase => replica.Times[(int)phase]))],
                [.. _readyCounts]);
        }
    }

    private void AddUp()
    {
        long now = _time.GetTimestamp();
        TimeSpan passed = _time.GetElapsedTime(_since, now);
        _since = now;
        int ready = 0;
        foreach (Replica replica in _replicas)
        {
            replica.Times[(int)replica.Phase] += passed;
            ready += replica.Phase == ReplicaPhase.Ready ? 1 : 0;
        }

        _readyCounts[ready] += passed;
    }

    private sealed class Replica
    {
        public TimeSpan[] Times { get; } = new TimeSpan[Enum.GetValues<ReplicaPhase>().Length];

        public bool Running { get; set; }

        public bool InRotation { get; set; }

        public bool WasReady { get; set; }

        public ReplicaPhase Phase => !Running ? ReplicaPhase.Down
            : InRotation && WasReady ? ReplicaPhase.Ready
            : WasReady ? ReplicaPhase.Draining
            : ReplicaPhase.Starting;
    }
}

/// <param name="Replicas">Time in each phase, by replica.</param>
/// <param name="ReadyCounts">At index k the time with exactly k replicas ready.</param>
internal sealed record TimelineResult(IReadOnlyList<IReadOnlyDictionary<ReplicaPhase, TimeSpan>> Replicas, IReadOnlyList<TimeSpan> ReadyCounts)
{
    public TimeSpan AllDown => ReadyCounts[0];
}
