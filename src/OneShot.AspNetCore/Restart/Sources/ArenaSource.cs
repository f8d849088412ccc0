namespace OneShot.AspNetCore.Restart;

/// <summary>The process arena as what fills.</summary>
internal sealed class ArenaSource : IMemorySource
{
    public const string KeyOfSource = "arena";

    private static readonly TimeSpan s_sumInterval = TimeSpan.FromMilliseconds(100);

    private readonly ProcessArena _process;
    private readonly TimeProvider _time;
    private readonly bool _isCheapToRead;
    private long _heldWhenSummed = -1;
    private long _usedWhenSummed;
    private long _summedAt;

    public ArenaSource(ProcessArena process, TimeProvider time)
    {
        _process = process;
        _time = time;
        // Where the last block does not fit any more, the arena is full: it would never come to shares of what is left over as well.
        Limit = process.BlockCapacity > 0 ? process.BlockCapacity : process.Capacity;
        ComesBack = process.Policy.MemoryComesBack;
        GoesOnWhenFull = process.Exhaustion != ArenaExhaustion.FailFast;
        _isCheapToRead = process.Policy.IsHeldCheap;
    }

    public string Key => KeyOfSource;

    public string Name => "process arena";

    public long Limit { get; }

    /// <summary>What was taken past the arenas may lie in the part that holds no whole block.</summary>
    public long Used => Math.Min(_process.Used, Limit);

    public bool ComesBack { get; }

    /// <summary>With memory of the GC, or with a refusal; only <see cref="ArenaExhaustion.FailFast"/> ends the process.</summary>
    public bool GoesOnWhenFull { get; }

    public bool IsSteady => true;

    public long Shortages => _process.Refusals + _process.FallbackBlocks;

    public string Remedies => ComesBack
        ? "a larger Capacity or more replicas."
        : "a larger Capacity, more replicas, or Reclamation=PerRequest or Generational.";

    public RestartThresholds ThresholdsOf(RestartOptions options) => options.Thresholds;

    public bool IsAtLeast(long bytes) => _isCheapToRead && _process.Held >= bytes && IsUsedAtLeast(bytes);

    /// <summary>The request path sees the arena's fill itself.</summary>
    public void Watch(Action sampleSoon)
    {
    }

    public long Sample(RestartLadder ladder, RestartPhase held) => Used;

    public void OnSampled(RestartPhase phase, RestartPhase process)
    {
    }

    /// <summary>What is held is no less than what is used; where it is enough, what is used is summed up, when a block changed hands or now and then.</summary>
    private bool IsUsedAtLeast(long bytes)
    {
        long held = _process.Held;
        long now = _time.GetTimestamp();
        if (held == Volatile.Read(ref _heldWhenSummed) && _time.GetElapsedTime(Volatile.Read(ref _summedAt), now) < s_sumInterval)
        {
            return Volatile.Read(ref _usedWhenSummed) >= bytes;
        }

        long used = _process.Used;
        Volatile.Write(ref _usedWhenSummed, used);
        Volatile.Write(ref _summedAt, now);
        Volatile.Write(ref _heldWhenSummed, held);
        return used >= bytes;
    }
}
