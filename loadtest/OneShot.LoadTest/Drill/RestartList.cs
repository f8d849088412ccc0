namespace OneShot.LoadTest.Drill;

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
