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
    private readonly List<TimeSpan> _away = [];
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
            _away.Clear();
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
            NoteAway(_replicas[replica]);
        }
    }

    public void RotationIs(int replica, bool inRotation)
    {
        lock (_lock)
        {
            AddUp();
            _replicas[replica].InRotation = inRotation;
            _replicas[replica].WasReady |= inRotation && _replicas[replica].Running;
            NoteAway(_replicas[replica]);
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
                [.. _readyCounts],
                [.. _away]);
        }
    }

    private void NoteAway(Replica replica)
    {
        if (replica.Phase != ReplicaPhase.Ready)
        {
            replica.AwaySince ??= replica.HasServed ? _since : null;
            return;
        }

        if (replica.AwaySince is { } since)
        {
            _away.Add(_time.GetElapsedTime(since, _since));
        }

        replica.HasServed = true;
        replica.AwaySince = null;
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

        /// <summary>In this life or an earlier one.</summary>
        public bool HasServed { get; set; }

        public long? AwaySince { get; set; }

        public ReplicaPhase Phase => !Running ? ReplicaPhase.Down
            : InRotation && WasReady ? ReplicaPhase.Ready
            : WasReady ? ReplicaPhase.Draining
            : ReplicaPhase.Starting;
    }
}

/// <param name="Replicas">Time in each phase, by replica.</param>
/// <param name="ReadyCounts">At index k the time with exactly k replicas ready.</param>
/// <param name="Away">How long a replica that was in rotation was out of it, each time that one came back.</param>
internal sealed record TimelineResult(IReadOnlyList<IReadOnlyDictionary<ReplicaPhase, TimeSpan>> Replicas, IReadOnlyList<TimeSpan> ReadyCounts, IReadOnlyList<TimeSpan> Away)
{
    public TimeSpan AllDown => ReadyCounts[0];
}
