using Microsoft.Extensions.Logging;
using OneShot.AspNetCore.Logging;

namespace OneShot.AspNetCore.Restart;

/// <summary>
/// Watches the memory of the process fill, and takes the steps of <see cref="RestartOptions"/> on the way to a restart: with the
/// source that is furthest: the process arena, the heap budget, the container's memory, the heap of the GC. One per process, from the container; started and stopped with the host.
/// </summary>
/// <remarks>
/// Thread-safe. What a reader is told never lags behind the memory: a phase is reached the moment the fill has reached it,
/// whoever sees it first, and a timer does no more than take note. Only a phase that falls back waits for the timer.
/// </remarks>
public sealed partial class RestartMonitor : IDisposable
{
    private readonly Lock _lock = new();
    private readonly WatchedSource[] _sources;
    private readonly TimeProvider _time;
    private readonly SelfDrain _selfDrain;
    private readonly ILogger _logger;
    private readonly long _started;
    private readonly double _draw;
    private readonly DrainPermit _permit;
    private RestartLadder _shares;
    private volatile ClosingRamp? _ramp;
    private volatile RestartPhase _held;

    /// <param name="sources">What fills; the process arena first, where there is one. There may be none at all.</param>
    /// <param name="options">Valid ones; <see cref="Apply"/> replaces them.</param>
    /// <param name="draw">From 0 to 1: how much of the jitter this process takes.</param>
    /// <param name="time">All times are measured by it.</param>
    /// <param name="selfDrain">Ends the process, where the options ask for that.</param>
    /// <param name="logger">Where each step is told.</param>
    /// <param name="permit">Whether it may drain when it is full enough; null for always.</param>
    internal RestartMonitor(
        IEnumerable<IMemorySource> sources,
        RestartOptions options,
        double draw,
        TimeProvider time,
        SelfDrain selfDrain,
        ILogger<RestartMonitor> logger,
        DrainPermit? permit = null)
    {
        _time = time;
        _draw = draw;
        _shares = Shares(options);
        _selfDrain = selfDrain;
        _logger = logger;
        _started = time.GetTimestamp();
        _permit = permit ?? new DrainPermit(gate: null, draw: 0, time, logger);
        _permit.Apply(options.JitterTime);
        _sources = [.. sources.Select(source => new WatchedSource(source, options, draw, time, _started, _permit))];
        _selfDrain.Watch(SampleSoon);
        foreach (WatchedSource source in _sources)
        {
            source.Source.Watch(SampleSoon);
        }
    }

    /// <summary>Where the process is now: as far as the first of its sources of memory has brought it.</summary>
    public RestartPhase Phase => Read().Phase;

    /// <summary>
    /// When the first of the sources will be full if it goes on filling as it did lately; null while none is filling, or not
    /// watched for long enough to tell. An estimate, renewed every second or faster.
    /// </summary>
    public TimeSpan? TimeToFull
    {
        get
        {
            TimeSpan? first = null;
            foreach (WatchedSource source in _sources)
            {
                first = source.TimeToFull is { } time && !(time >= first) ? time : first;
            }

            return first;
        }
    }

    /// <summary>
    /// The share of a source, 0 to 1, from which this process warns: <see cref="RestartOptions.WarnAt"/> as it was last reloaded. As the two
    /// that follow, not that of the container and of the GC's heap, which have their own.
    /// </summary>
    public double WarnAt => Volatile.Read(ref _shares).WarnAt;

    /// <summary>The share of a source, 0 to 1, from which a restart is due: <see cref="RestartOptions.LiveAt"/> as it was last reloaded.</summary>
    public double LiveAt => Volatile.Read(ref _shares).LiveAt;

    /// <summary>The share of a source, 0 to 1, from which this process drains: <see cref="RestartOptions.DrainAt"/> less its own jitter.</summary>
    public double DrainAt => Volatile.Read(ref _shares).DrainAt;

    /// <summary>Each source of memory as it is now: the arena first, where there is one. Empty where nothing has a limit.</summary>
    public IReadOnlyList<MemorySourceReading> ReadSources() =>
        [.. Read().Sources.Where(static source => source.IsLimited).Select(static source => new MemorySourceReading(source))];

    /// <summary>For the request path: whether this response should be its connection's last. Allocates and locks nothing.</summary>
    /// <param name="connectionId">As the server names it; looked up only while connections are closed.</param>
    internal bool ClosesConnection(string? connectionId) => _held >= RestartPhase.Due || (_ramp is { } ramp && ramp.IsTurnOf(connectionId));

    /// <summary>For the request path: whether connections are told to close, each in its turn (<see cref="ClosesConnection"/>). Allocates and locks nothing.</summary>
    internal bool ClosesConnections
    {
        get
        {
            if (_held >= RestartPhase.Draining)
            {
                return true;
            }

            foreach (WatchedSource source in _sources)
            {
                if (source.IsDrainReached)
                {
                    SampleSoon();
                    return true;
                }
            }

            return false;
        }
    }

    internal RestartReading Read()
    {
        SourceReading[] readings = new SourceReading[_sources.Length];
        RestartPhase phase = RestartPhase.Normal;
        for (int i = 0; i < readings.Length; i++)
        {
            readings[i] = _sources[i].Read();
            phase = readings[i].Phase > phase ? readings[i].Phase : phase;
        }

        if (_selfDrain.IsRunning)
        {
            phase = RestartPhase.Draining; // what has begun to end itself ends, whatever the fill or new options say
        }
        else if (phase > _held)
        {
            SampleSoon();
        }

        return new RestartReading(phase, _selfDrain.IsRunning, _selfDrain.AwaitsSuccessor, Volatile.Read(ref _recentShortages), readings);
    }

    /// <summary>One source; null where the process has none of that key.</summary>
    internal SourceReading? Read(string key)
    {
        foreach (WatchedSource source in _sources)
        {
            if (source.Source.Key == key)
            {
                return source.Read();
            }
        }

        return null;
    }

    /// <summary>Takes new thresholds. The draw stays: the process keeps its place among its replicas.</summary>
    internal void Apply(RestartOptions options)
    {
        RestartLadder shares = Shares(options);
        bool isNew = !shares.IsLike(Interlocked.Exchange(ref _shares, shares));
        foreach (WatchedSource source in _sources)
        {
            isNew |= source.Apply(options);
        }

        lock (_lock)
        {
            _permit.Apply(options.JitterTime);
        }

        if (isNew)
        {
            Events.RestartThresholds(_logger, WarnAt, DrainAt, LiveAt);
            SampleSoon();
        }
    }

    /// <summary>Of a source of any size.</summary>
    private RestartLadder Shares(RestartOptions options) => new(options, options.Thresholds, capacity: 1, _draw, memoryComesBack: false);
}
