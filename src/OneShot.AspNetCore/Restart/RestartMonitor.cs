using Microsoft.Extensions.Logging;

namespace OneShot.AspNetCore.Restart;

/// <summary>
/// Watches the process arena fill, and takes the steps of <see cref="RestartOptions"/> on the way to a restart.
/// One per process, from the container; started and stopped with the host.
/// </summary>
/// <remarks>
/// Thread-safe. What a reader is told never lags behind the arena: a phase is reached the moment the fill has reached it,
/// whoever sees it first, and a timer does no more than take note. Only a phase that falls back waits for the timer.
/// </remarks>
public sealed partial class RestartMonitor : IDisposable
{
    private static readonly TimeSpan s_sumInterval = TimeSpan.FromMilliseconds(100);

    private readonly Lock _lock = new();
    private readonly ProcessArena _process;
    private readonly TimeProvider _time;
    private readonly SelfDrain _selfDrain;
    private readonly ILogger _logger;
    private readonly double _draw;
    private readonly long _started;
    private readonly bool _isCheapToRead;
    private readonly bool _memoryComesBack;
    private readonly long _capacity;
    private RestartLadder _ladder;
    private volatile RestartPhase _held;
    private long _drainingSince;
    private long _heldWhenSummed = -1;
    private long _summedAt;
    private bool _wasDrainReached;
    private bool _areThresholdsRaised;

    /// <param name="process">What fills.</param>
    /// <param name="options">Valid ones; <see cref="Apply"/> replaces them.</param>
    /// <param name="draw">From 0 to 1: how much of the jitter this process takes.</param>
    /// <param name="time">All times are measured by it.</param>
    /// <param name="selfDrain">Ends the process, where the options ask for that.</param>
    /// <param name="logger">Where each step is told.</param>
    internal RestartMonitor(
        ProcessArena process, RestartOptions options, double draw, TimeProvider time, SelfDrain selfDrain, ILogger<RestartMonitor> logger)
    {
        _process = process;
        _draw = draw;
        _time = time;
        _selfDrain = selfDrain;
        _logger = logger;
        _started = time.GetTimestamp();
        // Where the last block does not fit any more, the arena is full: it would never come to shares of what is left over as well.
        _capacity = process.BlockCapacity > 0 ? process.BlockCapacity : process.Capacity;
        _memoryComesBack = process.Policy.MemoryComesBack;
        _ladder = new RestartLadder(options, _capacity, draw, _memoryComesBack);
        _estimate = new FillEstimate(_capacity);

        _isCheapToRead = process.Policy.IsHeldCheap;
    }

    /// <summary>Where the process is now.</summary>
    public RestartPhase Phase => Read().Phase;

    /// <summary>
    /// When the arena will be full if it goes on filling as it did lately; null while it is not filling, or not watched for
    /// long enough to tell. An estimate, renewed every second or faster.
    /// </summary>
    public TimeSpan? TimeToFull => Volatile.Read(ref _timeToFull) is >= 0 and var ticks ? TimeSpan.FromTicks(ticks) : null;

    /// <summary>The share of <see cref="ProcessArena.BlockCapacity"/>, 0 to 1, from which this process warns: <see cref="RestartOptions.WarnAt"/> as it was last reloaded.</summary>
    public double WarnAt => Volatile.Read(ref _ladder).WarnAt;

    /// <summary>The share of <see cref="ProcessArena.BlockCapacity"/>, 0 to 1, from which a restart is due: <see cref="RestartOptions.LiveAt"/> as it was last reloaded.</summary>
    public double LiveAt => Volatile.Read(ref _ladder).LiveAt;

    /// <summary>The share of <see cref="ProcessArena.BlockCapacity"/>, 0 to 1, from which this process drains: <see cref="RestartOptions.DrainAt"/> less its own jitter.</summary>
    public double DrainAt => Volatile.Read(ref _ladder).DrainAt;

    /// <summary>For the request path: whether this response should be its connection's last. Allocates and locks nothing.</summary>
    internal bool ClosesConnections
    {
        get
        {
            if (_held >= RestartPhase.Draining)
            {
                return true;
            }

            if (!_isCheapToRead || _process.Held < Volatile.Read(ref _ladder).DrainFrom || IsTooYoung(Volatile.Read(ref _ladder)) || !IsDrainReached())
            {
                return false;
            }

            SampleSoon();
            return true;
        }
    }

    /// <summary>What is held is no less than what is used; where it is enough, what is used is summed up, when a block changed hands or now and then.</summary>
    private bool IsDrainReached()
    {
        long held = _process.Held;
        long now = _time.GetTimestamp();
        if (held == Volatile.Read(ref _heldWhenSummed) && _time.GetElapsedTime(Volatile.Read(ref _summedAt), now) < s_sumInterval)
        {
            return Volatile.Read(ref _wasDrainReached);
        }

        bool isReached = _process.Used >= Volatile.Read(ref _ladder).DrainFrom;
        Volatile.Write(ref _wasDrainReached, isReached);
        Volatile.Write(ref _summedAt, now);
        Volatile.Write(ref _heldWhenSummed, held);
        return isReached;
    }

    internal RestartReading Read()
    {
        RestartLadder ladder = Volatile.Read(ref _ladder);
        RestartPhase held = _held;
        long used = Used();
        RestartPhase phase = Next(ladder, held, used);
        if (phase > held)
        {
            SampleSoon();
        }
        else
        {
            phase = held; // whether it is over is for the next sample to say, once for all readers
        }

        return new RestartReading(phase, used, _capacity, ladder, _selfDrain.IsRunning, TimeToFull, Volatile.Read(ref _recentShortages), HeldBack(ladder, used));
    }

    /// <summary>Takes new thresholds. The draw stays: the process keeps its place among its replicas.</summary>
    internal void Apply(RestartOptions options)
    {
        RestartLadder ladder = new(options, _capacity, _draw, _memoryComesBack);
        RestartLadder before = Interlocked.Exchange(ref _ladder, ladder);
        if (ladder.IsLike(before))
        {
            return;
        }

        if (ladder.DrainAt > before.DrainAt || ladder.WarnAt > before.WarnAt)
        {
            Volatile.Write(ref _areThresholdsRaised, true);
        }

        Volatile.Write(ref _heldWhenSummed, -1);
        RestartLog.Thresholds(_logger, ladder.WarnAt, ladder.DrainAt, ladder.LiveAt);
        SampleSoon();
    }

    /// <summary>The share in use, 0 to 1, that the thresholds are compared with.</summary>
    internal double Utilization => (double)Used() / _capacity;

    /// <summary>What was taken past the arenas may lie in the part that holds no whole block.</summary>
    private long Used() => Math.Min(_process.Used, _capacity);

    private RestartPhase Next(RestartLadder ladder, RestartPhase held, long used)
    {
        if (_selfDrain.IsRunning)
        {
            return RestartPhase.Draining; // what has begun to end itself ends, whatever the fill or new options say
        }

        RestartPhase phase = ladder.Next(held, used, DrainedFor(held));
        return phase > RestartPhase.Warning && IsTooYoung(ladder) ? RestartPhase.Warning : phase;
    }

    /// <summary>Whether it has lived for less than <see cref="RestartOptions.MinLife"/>. One that drains already goes on: its clients were told.</summary>
    private bool IsTooYoung(RestartLadder ladder) => _held < RestartPhase.Draining && _time.GetElapsedTime(_started) < ladder.MinLife;

    /// <summary>How long the process is still kept from draining, which it would by its fill; null where it is not.</summary>
    private TimeSpan? HeldBack(RestartLadder ladder, long used) =>
        ladder.At(used) >= RestartPhase.Draining && IsTooYoung(ladder) ? ladder.MinLife - _time.GetElapsedTime(_started) : null;

    private TimeSpan DrainedFor(RestartPhase phase) =>
        phase >= RestartPhase.Draining ? _time.GetElapsedTime(Volatile.Read(ref _drainingSince)) : TimeSpan.Zero;
}
