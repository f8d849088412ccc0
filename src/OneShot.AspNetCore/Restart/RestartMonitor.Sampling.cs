using Microsoft.Extensions.Logging;

namespace OneShot.AspNetCore.Restart;

/// <summary>The timer's part: the estimate, and taking note of a phase that was reached or left.</summary>
public sealed partial class RestartMonitor
{
    /// <summary>Kubernetes resets its restart back-off when a container has run for 10 minutes.</summary>
    private static readonly TimeSpan s_shortLife = TimeSpan.FromMinutes(10);

    /// <summary>Before a quarter is full, the first requests of all connections at once look like a trend.</summary>
    private const double LifeIsToldFrom = 0.25;

    private readonly FillEstimate _estimate;
    private readonly ShortageWindow _shortages = new();
    private ITimer? _timer;
    private ITimer? _soon;
    private TimeSpan _interval;
    private long _timeToFull = -1;
    private long _recentShortages;
    private int _soonRequested;
    private RestartPhase _told;
    private bool _lifeIsTold;
    private bool _heldBackIsTold;

    internal void Start()
    {
        lock (_lock)
        {
            if (_timer is not null)
            {
                return;
            }

            _soon = _time.CreateTimer(static self => ((RestartMonitor)self!).Sample(), this, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
            _interval = _estimate.Interval;
            _timer = _time.CreateTimer(static self => ((RestartMonitor)self!).Sample(), this, TimeSpan.Zero, _interval);
        }
    }

    internal void Stop()
    {
        lock (_lock)
        {
            _timer?.Dispose();
            _soon?.Dispose();
            _timer = null;
        }
    }

    /// <inheritdoc />
    public void Dispose()
    {
        Stop();
        _selfDrain.Dispose();
    }

    /// <summary>Takes a sample on a thread of the pool, at once: a phase was reached between two samples.</summary>
    private void SampleSoon()
    {
        if (Volatile.Read(ref _soonRequested) == 0 && Interlocked.Exchange(ref _soonRequested, 1) == 0)
        {
            Volatile.Read(ref _soon)?.Change(TimeSpan.Zero, Timeout.InfiniteTimeSpan);
        }
    }

    private void Sample()
    {
        lock (_lock)
        {
            if (_timer is null)
            {
                return;
            }

            Volatile.Write(ref _soonRequested, 0);
            long used = Used();
            _estimate.Add(_time.GetElapsedTime(_started), used);
            Volatile.Write(ref _timeToFull, _estimate.TimeToFull?.Ticks ?? -1);
            _shortages.Add(_time.GetElapsedTime(_started), _process.Refusals + _process.FallbackBlocks);
            Volatile.Write(ref _recentShortages, _shortages.Recent);
            Move(used);
            TellHeldBack(used);
            TellShortLife(used);
            if (_interval != _estimate.Interval)
            {
                _interval = _estimate.Interval;
                _timer.Change(_interval, _interval);
            }
        }
    }

    private void Move(long used)
    {
        bool areRaised = Interlocked.Exchange(ref _areThresholdsRaised, false); // before the ladder: they are set in the other order
        RestartLadder ladder = Volatile.Read(ref _ladder);
        RestartPhase held = _held;
        RestartPhase phase = Next(ladder, held, used);
        if (areRaised && !_selfDrain.IsRunning && ladder.At(used) < RestartPhase.Draining)
        {
            phase = ladder.At(used); // who raises a threshold means it: what keeps a fill that swings from flapping is not for that
        }

        if (phase >= RestartPhase.Draining && held < RestartPhase.Draining)
        {
            Volatile.Write(ref _drainingSince, _time.GetTimestamp());
        }

        _held = phase;
        if (phase != held)
        {
            Tell(held, phase, used);
        }

        if (phase >= RestartPhase.Draining && ladder.EndsItself(DrainedFor(phase)))
        {
            _selfDrain.Begin(ladder.Options.DrainDelay, ladder.Options.ExitCode);
        }
    }

    private void Tell(RestartPhase from, RestartPhase to, long used)
    {
        double percent = 100.0 * used / _capacity;
        if (to < from)
        {
            RestartLog.Fell(_logger, percent, used, _capacity, from, to);
            return;
        }

        // A fill that comes and goes says so once; from then on it is no news.
        LogLevel level = to > _told ? LogLevel.Warning : LogLevel.Information;
        _told = to > _told ? to : _told;
        FillForecast forecast = new(TimeToFull, _estimate.AtPresentPace);
        switch (to)
        {
            case RestartPhase.Warning:
                RestartLog.Warning(_logger, level, percent, used, _capacity, forecast, 100 * DrainAt);
                break;
            case RestartPhase.Draining:
                RestartLog.Draining(_logger, level, percent, used, _capacity, forecast);
                break;
            case RestartPhase.Due:
                RestartLog.Due(_logger, level, percent, used, _capacity, new WholeSeconds(_time.GetElapsedTime(_drainingSince)));
                break;
        }
    }

    private void TellHeldBack(long used)
    {
        if (!_heldBackIsTold && HeldBack(Volatile.Read(ref _ladder), used) is { } heldBack)
        {
            _heldBackIsTold = true;
            RestartLog.HeldBack(_logger, 100.0 * used / _capacity, used, _capacity, new WholeSeconds(_time.GetElapsedTime(_started)), new WholeSeconds(heldBack));
        }
    }

    private void TellShortLife(long used)
    {
        if (_memoryComesBack && _held < RestartPhase.Due)
        {
            return; // a peak of requests is no life
        }

        // A process that drains is as good as full, and without new traffic there is no rate left to estimate from.
        TimeSpan? timeToFull = _held >= RestartPhase.Draining ? TimeSpan.Zero : TimeToFull;
        if (_lifeIsTold || used < LifeIsToldFrom * _capacity || timeToFull is not { } left)
        {
            return;
        }

        TimeSpan life = _time.GetElapsedTime(_started) + left;
        if (life < s_shortLife)
        {
            _lifeIsTold = true;
            RestartLog.LifeShort(_logger, new WholeSeconds(life), _memoryComesBack
                ? "Remedies: a larger Capacity or more replicas."
                : "Remedies: a larger Capacity, more replicas, or Reclamation=PerRequest or Generational.");
        }
    }
}
