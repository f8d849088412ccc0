namespace OneShot.AspNetCore.Restart;

/// <summary>
/// One source of memory on the ladder: its thresholds in bytes, its estimate, and the phase it has brought the process to.
/// </summary>
/// <remarks>
/// <see cref="Read"/>, <see cref="IsDrainReached"/> and <see cref="Apply"/> may be called by any thread; the rest by one thread at a
/// time, the monitor's samples.
/// </remarks>
internal sealed class WatchedSource
{
    private readonly TimeProvider _time;
    private readonly double _draw;
    private readonly FillEstimate _estimate;
    private RestartLadder _ladder;
    private volatile RestartPhase _held;
    private long _drainingSince;
    private long _timeToFull = -1;
    private bool _areThresholdsRaised;

    public WatchedSource(IMemorySource source, RestartOptions options, double draw, TimeProvider time)
    {
        Source = source;
        _draw = draw;
        _time = time;
        _estimate = new FillEstimate(source.Limit);
        _ladder = new RestartLadder(options, source.Limit, draw, source.ComesBack);
    }

    public IMemorySource Source { get; }

    public RestartLadder Ladder => Volatile.Read(ref _ladder);

    /// <summary>The phase that the last sample took note of.</summary>
    public RestartPhase Held => _held;

    /// <summary>How long the source has kept the process draining; zero when it does not.</summary>
    public TimeSpan Drained => DrainedFor(_held);

    public TimeSpan? TimeToFull => Volatile.Read(ref _timeToFull) is >= 0 and var ticks ? TimeSpan.FromTicks(ticks) : null;

    /// <inheritdoc cref="FillEstimate.Interval"/>
    public TimeSpan Interval => _estimate.Interval;

    /// <summary>The highest phase that was told as a warning.</summary>
    public RestartPhase Told { get; set; }

    /// <summary>A short life was told.</summary>
    public bool IsLifeTold { get; set; }

    public bool IsDrainReached => Source.IsAtLeast(Ladder.DrainFrom);

    public SourceReading Read()
    {
        RestartLadder ladder = Ladder;
        RestartPhase held = _held;
        long used = Source.Used;
        RestartPhase phase = ladder.Next(held, used, DrainedFor(held));
        // Whether a phase is over is for the next sample to say, once for all readers.
        return new SourceReading(Source, phase > held ? phase : held, used, ladder, TimeToFull);
    }

    /// <summary>Takes a reading of the fill into the estimate.</summary>
    /// <returns>Bytes in use.</returns>
    public long Sample(TimeSpan at)
    {
        long used = Source.Used;
        _estimate.Add(at, used);
        Volatile.Write(ref _timeToFull, _estimate.TimeToFull?.Ticks ?? -1);
        return used;
    }

    /// <summary>Takes note of the phase that a fill makes.</summary>
    /// <param name="used">Bytes in use.</param>
    /// <param name="isStopping">What has begun to end itself ends, whatever the fill or new options say.</param>
    /// <returns>The phase until now.</returns>
    public RestartPhase Move(long used, bool isStopping)
    {
        bool areRaised = Interlocked.Exchange(ref _areThresholdsRaised, false); // before the ladder: they are set in the other order
        RestartLadder ladder = Ladder;
        RestartPhase held = _held;
        RestartPhase phase = ladder.Next(held, used, DrainedFor(held));
        if (isStopping && held >= RestartPhase.Draining)
        {
            phase = RestartPhase.Draining;
        }
        else if (areRaised && ladder.At(used) < RestartPhase.Draining)
        {
            phase = ladder.At(used); // who raises a threshold means it: what keeps a fill that swings from flapping is not for that
        }

        if (phase >= RestartPhase.Draining && held < RestartPhase.Draining)
        {
            Volatile.Write(ref _drainingSince, _time.GetTimestamp());
        }

        _held = phase;
        Source.OnSampled(phase);
        return held;
    }

    /// <summary>Takes new thresholds. The draw stays: the process keeps its place among its replicas.</summary>
    /// <returns>Whether they differ from those before.</returns>
    public bool Apply(RestartOptions options)
    {
        RestartLadder ladder = new(options, Source.Limit, _draw, Source.ComesBack);
        RestartLadder before = Interlocked.Exchange(ref _ladder, ladder);
        if (ladder.IsLike(before))
        {
            return false;
        }

        if (ladder.DrainAt > before.DrainAt || ladder.WarnAt > before.WarnAt)
        {
            Volatile.Write(ref _areThresholdsRaised, true);
        }

        return true;
    }

    private TimeSpan DrainedFor(RestartPhase phase) =>
        phase >= RestartPhase.Draining ? _time.GetElapsedTime(Volatile.Read(ref _drainingSince)) : TimeSpan.Zero;
}
