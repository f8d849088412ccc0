namespace OneShot.AspNetCore.Restart;

/// <summary>The thresholds of one process, in bytes, and which phase they make of a fill. Immutable: a reload makes a new one.</summary>
internal sealed class RestartLadder
{
    /// <summary>
    /// A warning is over this much below its threshold, or a fill that swings around the threshold would fill the log.
    /// </summary>
    private const double WarningEndsAt = 0.9;

    private readonly long _warnUntil;
    private readonly TimeSpan _drainDelay;
    private readonly bool _memoryComesBack;
    private readonly TimeSpan _dueAfter;

    /// <param name="options">Valid ones.</param>
    /// <param name="thresholds">Those of the options that are for this source.</param>
    /// <param name="capacity">Of the source, in bytes.</param>
    /// <param name="draw">From 0 to 1, drawn once for the process: how much of the jitter it takes.</param>
    /// <param name="memoryComesBack">
    /// Whether what requests hold is free after them. A fill is then how many requests run at once, which no restart makes fewer:
    /// only one that stays is worth a restart.
    /// </param>
    public RestartLadder(RestartOptions options, RestartThresholds thresholds, long capacity, double draw, bool memoryComesBack)
    {
        _memoryComesBack = memoryComesBack;
        _dueAfter = memoryComesBack && options.PeakTolerance > options.DrainDelay ? options.PeakTolerance : options.DrainDelay;
        Options = options;
        Capacity = capacity;
        WarnAt = thresholds.WarnAt;
        DrainAt = thresholds.DrainAt - (draw * Math.Min(options.Jitter, thresholds.DrainAt - thresholds.WarnAt));
        LiveAt = thresholds.LiveAt;
        SelfDrain = options.EndsItself;
        MinLife = options.MinLife * (1 + (draw * options.Jitter)); // or replicas that were filled together would drain together
        _drainDelay = options.DrainDelay;
        WarnFrom = Bytes(WarnAt, capacity);
        _warnUntil = Bytes(WarnAt * WarningEndsAt, capacity);
        DrainFrom = Bytes(DrainAt, capacity);
        LiveFrom = Bytes(LiveAt, capacity);
    }

    public RestartOptions Options { get; }

    /// <summary>What the shares are of, in bytes.</summary>
    public long Capacity { get; }

    public double WarnAt { get; }

    /// <summary>The share from which this process drains, jitter and all.</summary>
    public double DrainAt { get; }

    public double LiveAt { get; }

    public bool SelfDrain { get; }

    /// <summary>How long this process lives at least, jitter and all, before it is restarted.</summary>
    public TimeSpan MinLife { get; }

    /// <summary>Whether a process that drains for so long ends itself now, where it is to end itself.</summary>
    public bool EndsItself(TimeSpan drained) => SelfDrain && (!_memoryComesBack || drained >= _dueAfter);

    /// <summary>The fill from which this process warns, in bytes.</summary>
    public long WarnFrom { get; }

    /// <summary>The fill from which this process drains, in bytes.</summary>
    public long DrainFrom { get; }

    /// <summary>The fill from which a restart is due, in bytes.</summary>
    public long LiveFrom { get; }

    /// <summary>The phase after <paramref name="held"/>, which it may fall back from as well.</summary>
    /// <param name="held">The phase until now.</param>
    /// <param name="used">Bytes in use.</param>
    /// <param name="drained">How long the process has been draining; zero when it has not.</param>
    /// <remarks>
    /// Where memory comes back, a process that drains takes up its work again once it is below the warning: below the
    /// threshold of draining alone, the traffic that returns would push it over that very threshold again.
    /// </remarks>
    public RestartPhase Next(RestartPhase held, long used, TimeSpan drained)
    {
        RestartPhase phase = At(used);
        if (_memoryComesBack && phase == RestartPhase.Due)
        {
            phase = RestartPhase.Draining;
        }

        if (phase < RestartPhase.Draining && held >= RestartPhase.Draining && used >= WarnFrom)
        {
            phase = RestartPhase.Draining;
        }
        else if (phase < RestartPhase.Warning && held >= RestartPhase.Warning && used >= _warnUntil)
        {
            phase = RestartPhase.Warning;
        }

        if (phase == RestartPhase.Draining && held >= RestartPhase.Draining && drained >= _dueAfter)
        {
            phase = RestartPhase.Due;
        }

        // A process that stops itself must not be killed while it drains.
        return SelfDrain && phase == RestartPhase.Due ? RestartPhase.Draining : phase;
    }

    /// <summary>Whether it decides as the other does. The exit code is no step.</summary>
    public bool IsLike(RestartLadder other) =>
        (WarnAt, DrainAt, LiveAt, SelfDrain, MinLife, _drainDelay, _dueAfter) == (other.WarnAt, other.DrainAt, other.LiveAt, other.SelfDrain, other.MinLife, other._drainDelay, other._dueAfter);

    /// <summary>The phase of a fill by itself, whatever was before.</summary>
    public RestartPhase At(long used) =>
        used >= LiveFrom ? RestartPhase.Due
        : used >= DrainFrom ? RestartPhase.Draining
        : used >= WarnFrom ? RestartPhase.Warning
        : RestartPhase.Normal;

    private static long Bytes(double share, long capacity) => (long)Math.Ceiling(share * capacity);
}
