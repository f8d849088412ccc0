namespace OneShot.AspNetCore.Restart;

/// <summary>
/// Memory with a limit by which the process ends (<see cref="MemoryLimitOptions"/>) as what fills: before it counts as having reached a
/// threshold, the process collects.
/// </summary>
/// <remarks>
/// <para>A fill of the heap, and so of the container, is garbage for a good part: how much of it the GC lets stand is its affair, and says nothing about
/// the end. What a full collection leaves does. It may bring a warning, and no more: from the draining threshold on (while the process drains, from the warning on, so
/// that a peak which is over is seen to be over) the reading is taken after one; until the next is worth its pause, what the last one has left holds.</para>
/// <para>It does not come back, by the ladder's reckoning: what is left lives, and so near the limit there is no minute to wait
/// for its end (<see cref="RestartOptions.PeakTolerance"/>). Draining takes load away, and <see cref="RestartOptions.DrainDelay"/> is the time a peak has.</para>
/// </remarks>
internal sealed class LimitSource : IMemorySource
{
    private static readonly TimeSpan s_shortestRest = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan s_longestRest = TimeSpan.FromSeconds(10);

    /// <summary>Where so much of the limit was garbage, the longest rest is right.</summary>
    private const double MuchGarbage = 0.25;

    private readonly IMemoryUse _memory;
    private readonly FullCollection _collection;
    private long _limit;
    private long _used;
    private long _left = long.MaxValue;
    private int _leftBy;

    /// <param name="memory">What has a limit.</param>
    /// <param name="first">Its first reading.</param>
    /// <param name="collection">Shared by all sources.</param>
    public LimitSource(IMemoryUse memory, MemoryReading first, FullCollection collection)
    {
        _memory = memory;
        _collection = collection;
        _limit = first.Limit;
        _used = first.Used;
    }

    public string Key => _memory.Key;

    public string Name => _memory.Name;

    public long Limit => Volatile.Read(ref _limit);

    /// <summary>As of the last sample.</summary>
    public long Used => Math.Min(Volatile.Read(ref _used), Limit);

    public bool ComesBack => false;

    public bool GoesOnWhenFull => false;

    /// <summary>While a process warms up, and from collection to collection, it rises and falls without a meaning.</summary>
    public bool IsSteady => false;

    public long Shortages => 0;

    public string Remedies => _memory.Remedies;

    public RestartThresholds ThresholdsOf(RestartOptions options) => options.MemoryLimit.Thresholds;

    /// <summary>To read files or to ask the GC is nothing for the request path; the samples come often enough.</summary>
    public bool IsAtLeast(long bytes) => false;

    public void Watch(Action sampleSoon)
    {
    }

    public long Sample(RestartLadder ladder, RestartPhase held)
    {
        if (Read() is { } used)
        {
            Volatile.Write(ref _used, Settle(used, ladder, held));
        }

        return Used;
    }

    public void OnSampled(RestartPhase phase, RestartPhase process)
    {
    }

    /// <summary>What is left of a reading when garbage is taken off it.</summary>
    private long Settle(long used, RestartLadder ladder, RestartPhase held)
    {
        NoteCollection(used);
        long from = held >= RestartPhase.Draining ? ladder.WarnFrom : ladder.DrainFrom;
        if (used < from || !_collection.IsPossible)
        {
            return used;
        }

        if (_collection.TryRun(used >= ladder.LiveFrom ? s_shortestRest : Rest(from)))
        {
            used = Read() ?? used;
            NoteCollection(used);
        }

        return Math.Min(used, _left);
    }

    /// <summary>The further below the threshold was what lived at the last one, the longer it takes to get there; by the square, so that what is near is seen soon.</summary>
    private TimeSpan Rest(long from)
    {
        double distance = Math.Clamp((from - _left) / (MuchGarbage * Limit), 0, 1);
        TimeSpan rest = s_longestRest * (distance * distance);
        return rest > s_shortestRest ? rest : s_shortestRest;
    }

    /// <summary>Another source's collection, since the last sample, is as good as one's own.</summary>
    private void NoteCollection(long used)
    {
        if (_leftBy != _collection.Count)
        {
            _leftBy = _collection.Count;
            _left = used;
        }
    }

    private long? Read()
    {
        if (!_memory.TryRead(out MemoryReading reading))
        {
            return null; // what was read before holds
        }

        Volatile.Write(ref _limit, reading.Limit);
        return reading.Used;
    }
}
