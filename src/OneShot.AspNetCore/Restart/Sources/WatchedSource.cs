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
    private readonly long _started;
    private readonly RestartPhase _furthestWhenYoung;
    private readonly DrainPermit _permit;
    private readonly FillEstimate _estimate;
    private RestartLadder _ladder;
    private volatile RestartPhase _held;
    private long _drainingSince;
    private long _timeToFull = -1;
    private bool _areThresholdsRaised;

    /// <param name="source">What fills.</param>
    /// <param name="options">Valid ones.</param>
    /// <param name="draw">From 0 to 1: how much of the jitter this process takes.</param>
    /// <param name="time">All times are measured by it.</param>
    /// <param name="started">The process's start, by the timestamp of <paramref name="time"/>.</param>
    /// <param name="permit">Whether the process may drain when it is full enough.</param>
    public WatchedSource(IMemorySource source, RestartOptions options, double draw, TimeProvider time, long started, DrainPermit permit)
    {
        Source = source;
        _draw = draw;
        _time = time;
        _started = started;
        _permit = permit;
        // Where memory comes back, to drain sheds load and ends by itself: only the restart has to wait.
        _furthestWhenYoung = source.ComesBack ? RestartPhase.Draining : RestartPhase.Warning;
        _estimate = new FillEstimate(source.Limit);
        _ladder = NewLadder(options);
    }

    public IMemorySource Source { get; }

    public RestartLadder Ladder => Volatile.Read(ref _ladder);

    /// <summary>The phase that the last sample took note of.</summary>
    public RestartPhase Held => _held;

    /// <summary>How long the source has kept the process draining; zero when it does not.</summary>
    public TimeSpan Drained => DrainedFor(_held);

    /// <summary>Whether the process is to stop itself now.</summary>
    public bool EndsProcess => EndsItself(Ladder, _held) && !IsTooYoung(Ladder, _held);

    /// <summary>How long it serves on when it stops itself now: what rises and falls has waited for the delay already, or for a part of it.</summary>
    public TimeSpan DrainLeft
    {
        get
        {
            TimeSpan delay = Ladder.Options.DrainDelay;
            TimeSpan left = Source.IsSteady ? delay : delay - Drained;
            return left > TimeSpan.Zero ? left : TimeSpan.Zero;
        }
    }

    /// <summary>Bytes in use at the last sample.</summary>
    public long Sampled { get; private set; }

    /// <summary>Whether it is full enough, and the process old enough, for it to drain: with leave.</summary>
    public bool WantsToDrain
    {
        get
        {
            RestartLadder ladder = Ladder;
            RestartPhase held = _held;
            return ladder.Next(held, Sampled, DrainedFor(held)) >= RestartPhase.Draining && IsOldEnoughToDrain(ladder, held);
        }
    }

    public FillForecast Forecast => new(TimeToFull, _estimate.AtPresentPace);

    public TimeSpan? TimeToFull => Volatile.Read(ref _timeToFull) is >= 0 and var ticks ? TimeSpan.FromTicks(ticks) : null;

    /// <inheritdoc cref="FillEstimate.Interval"/>
    public TimeSpan Interval => _estimate.Interval;

    /// <summary>The highest phase that was told as a warning.</summary>
    public RestartPhase Told { get; set; }

    /// <summary>A short life was told.</summary>
    public bool IsLifeTold { get; set; }

    /// <summary>It was told that the process is too young for its next step.</summary>
    public bool IsHeldBackTold { get; set; }

    public bool IsDrainReached
    {
        get
        {
            RestartLadder ladder = Ladder;
            return Source.IsAtLeast(MayDrain ? ladder.DrainFrom : ladder.LiveFrom) && IsOldEnoughToDrain(ladder, _held);
        }
    }

    public SourceReading Read()
    {
        RestartLadder ladder = Ladder;
        RestartPhase held = _held;
        long used = Source.Used;
        RestartPhase byFill = ladder.Next(held, used, DrainedFor(held));
        TimeSpan youth = Youth(ladder, held);
        RestartPhase phase = Permitted(ladder, held, used, youth > TimeSpan.Zero ? Young(byFill) : byFill);
        TimeSpan? heldBack = youth > TimeSpan.Zero && (phase < byFill || EndsItself(ladder, held)) ? youth : null;
        // Whether a phase is over is for the next sample to say, once for all readers.
        return new SourceReading(Source, phase > held ? phase : held, used, ladder, TimeToFull, heldBack);
    }

    /// <summary>Takes a reading of the fill into the estimate.</summary>
    public void Sample(TimeSpan at)
    {
        long used = Source.Sample(Ladder, _held);
        if (Source.Limit != Ladder.Capacity)
        {
            TakeLimit();
            used = Source.Sample(Ladder, _held);
        }

        _estimate.Add(at, used);
        Volatile.Write(ref _timeToFull, _estimate.TimeToFull?.Ticks ?? -1);
        Sampled = used;
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
        RestartPhase byFill = ladder.Next(held, used, DrainedFor(held));
        RestartPhase phase = Permitted(ladder, held, used, IsTooYoung(ladder, held) ? Young(byFill) : byFill);
        if (isStopping && held >= RestartPhase.Draining)
        {
            phase = RestartPhase.Draining;
        }
        else if (areRaised && ladder.At(used) < RestartPhase.Draining)
        {
            phase = byFill = ladder.At(used); // who raises a threshold means it: what keeps a fill that swings from flapping is not for that
        }

        if (phase >= RestartPhase.Draining && held < RestartPhase.Draining)
        {
            Volatile.Write(ref _drainingSince, _time.GetTimestamp());
        }

        _held = phase;
        return held;
    }

    /// <summary>Takes new thresholds. The draw stays: the process keeps its place among its replicas.</summary>
    /// <returns>Whether they differ from those before.</returns>
    public bool Apply(RestartOptions options)
    {
        RestartLadder ladder = NewLadder(options);
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

    private RestartLadder NewLadder(RestartOptions options) => new(options, Source.ThresholdsOf(options), Source.Limit, _draw, Source.ComesBack);

    /// <summary>The limit has changed: what was a share of the old one is one of the new.</summary>
    private void TakeLimit()
    {
        RestartLadder before = Ladder;
        Interlocked.CompareExchange(ref _ladder, NewLadder(before.Options), before); // new options meanwhile have read the new limit
        _estimate.Limit = Source.Limit;
        Volatile.Write(ref _areThresholdsRaised, true);
    }

    private bool IsOldEnoughToDrain(RestartLadder ladder, RestartPhase held) => _furthestWhenYoung >= RestartPhase.Draining || !IsTooYoung(ladder, held);

    private bool IsTooYoung(RestartLadder ladder, RestartPhase held) => Youth(ladder, held) > TimeSpan.Zero;

    /// <summary>
    /// What the process lacks of <see cref="RestartOptions.MinLife"/>; zero when nothing, and when it has gone further than a young
    /// one may: its clients, or its orchestrator, were told.
    /// </summary>
    private TimeSpan Youth(RestartLadder ladder, RestartPhase held)
    {
        if (!Source.GoesOnWhenFull || held > _furthestWhenYoung)
        {
            return TimeSpan.Zero;
        }

        TimeSpan left = ladder.MinLife - _time.GetElapsedTime(_started);
        return left > TimeSpan.Zero ? left : TimeSpan.Zero;
    }

    /// <summary>Nobody is asked where waiting ends with the process.</summary>
    private bool MayDrain => _permit.IsOpen || !Source.GoesOnWhenFull;

    /// <summary>As far as a process goes that may not drain yet. From <see cref="RestartOptions.LiveAt"/> on nobody is asked any more.</summary>
    private RestartPhase Permitted(RestartLadder ladder, RestartPhase held, long used, RestartPhase phase) =>
        phase >= RestartPhase.Draining && held < RestartPhase.Draining && !MayDrain && ladder.At(used) < RestartPhase.Due ? RestartPhase.Warning : phase;

    /// <summary>As far as a process goes that is too young to be restarted.</summary>
    private RestartPhase Young(RestartPhase phase) => phase > _furthestWhenYoung ? _furthestWhenYoung : phase;

    /// <summary>What rises and falls has the time that the process drains to fall again, for a self-drain is not undone; but not at the very end.</summary>
    private bool EndsItself(RestartLadder ladder, RestartPhase held) =>
        held >= RestartPhase.Draining
        && ladder.EndsItself(DrainedFor(held))
        && (Source.IsSteady || DrainedFor(held) >= ladder.Options.DrainDelay || Sampled >= ladder.LiveFrom);

    private TimeSpan DrainedFor(RestartPhase phase) =>
        phase >= RestartPhase.Draining ? _time.GetElapsedTime(Volatile.Read(ref _drainingSince)) : TimeSpan.Zero;
}
