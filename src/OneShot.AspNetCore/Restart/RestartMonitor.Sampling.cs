using Microsoft.Extensions.Logging;
using OneShot.AspNetCore.Logging;

namespace OneShot.AspNetCore.Restart;

/// <summary>The timer's part: the estimates, and taking note of a phase that was reached or left.</summary>
public sealed partial class RestartMonitor
{
    /// <summary>Kubernetes resets its restart back-off when a container has run for 10 minutes.</summary>
    private static readonly TimeSpan s_shortLife = TimeSpan.FromMinutes(10);

    private static readonly TimeSpan s_longestInterval = TimeSpan.FromSeconds(1);

    /// <summary>Before a quarter is full, the first requests of all connections at once look like a trend.</summary>
    private const double LifeIsToldFrom = 0.25;

    private readonly ShortageWindow _shortages = new();
    private ITimer? _timer;
    private ITimer? _soon;
    private TimeSpan _interval;
    private long _recentShortages;
    private int _soonRequested;

    internal void Start()
    {
        lock (_lock)
        {
            if (_timer is not null)
            {
                return;
            }

            _soon = _time.CreateTimer(static self => ((RestartMonitor)self!).Sample(), this, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
            _interval = Interval();
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
        _permit.Dispose();
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

    /// <summary>Where one takes longer than it is to the next, that one is left out.</summary>
    private void Sample()
    {
        if (!_lock.TryEnter())
        {
            return;
        }

        try
        {
            if (_timer is null)
            {
                return;
            }

            Volatile.Write(ref _soonRequested, 0);
            TimeSpan at = _time.GetElapsedTime(_started);
            bool wantsToDrain = _selfDrain.IsRunning; // its place at the gate is taken until it has ended
            foreach (WatchedSource source in _sources)
            {
                source.Sample(at);
                wantsToDrain |= source.WantsToDrain;
            }

            _permit.Sample(wantsToDrain);
            RestartPhase phase = RestartPhase.Normal;
            long shortages = 0;
            foreach (WatchedSource source in _sources)
            {
                Move(source, source.Sampled);
                TellHeldBack(source, source.Sampled);
                TellShortLife(source, source.Sampled);
                phase = source.Held > phase ? source.Held : phase;
                shortages += source.Source.Shortages;
            }

            _held = _selfDrain.IsRunning ? RestartPhase.Draining : phase;
            foreach (WatchedSource source in _sources)
            {
                source.Source.OnSampled(source.Held, _held);
            }

            _ramp = _held < RestartPhase.Draining || _selfDrain.AwaitsSuccessor ? null : _ramp ?? new ClosingRamp(_time.GetTimestamp(), _shares.Options.DrainDelay, _time);
            _shortages.Add(at, shortages);
            Volatile.Write(ref _recentShortages, _shortages.Recent);
            if (_interval != Interval())
            {
                _interval = Interval();
                _timer.Change(_interval, _interval);
            }
        }
        catch (Exception exception)
        {
            // Out of a timer it would end the process, near the end of its memory of all moments. The next sample comes.
            Events.RestartSampleFailed(_logger, exception);
        }
        finally
        {
            _lock.Exit();
        }
    }

    /// <summary>That of the source that wants to be looked at most often.</summary>
    private TimeSpan Interval()
    {
        TimeSpan interval = s_longestInterval;
        foreach (WatchedSource source in _sources)
        {
            interval = source.Interval < interval ? source.Interval : interval;
        }

        return interval;
    }

    private void Move(WatchedSource source, long used)
    {
        RestartPhase before = source.Move(used, _selfDrain.IsRunning);
        if (source.Held != before)
        {
            Tell(source, before, used);
        }

        if (source.EndsProcess)
        {
            _selfDrain.Begin(source.DrainLeft, source.Ladder.Options);
        }
    }

    private void Tell(WatchedSource source, RestartPhase from, long used)
    {
        (string name, long limit, RestartPhase to) = (source.Source.Name, source.Source.Limit, source.Held);
        double percent = 100.0 * used / limit;
        if (to < from)
        {
            Events.RestartPhaseFell(_logger, name, percent, used, limit, from, to);
            return;
        }

        // A fill that comes and goes says so once; from then on it is no news.
        LogLevel level = to > source.Told ? LogLevel.Warning : LogLevel.Information;
        source.Told = to > source.Told ? to : source.Told;
        object forecast = source.Forecast;
        switch (to)
        {
            case RestartPhase.Warning:
                Events.RestartWarning(_logger, level, name, percent, used, limit, forecast, 100 * source.Ladder.DrainAt);
                break;
            case RestartPhase.Draining:
                Events.RestartDraining(_logger, level, name, percent, used, limit, forecast);
                break;
            case RestartPhase.Due:
                object drained = new WholeSeconds(source.Drained);
                Events.RestartDue(_logger, level, name, percent, used, limit, drained);
                break;
        }
    }

    private void TellHeldBack(WatchedSource source, long used)
    {
        if (!source.IsHeldBackTold && source.Read().HeldBack is { } heldBack)
        {
            source.IsHeldBackTold = true;
            Events.RestartHeldBack(
                _logger, source.Source.Name, 100.0 * used / source.Source.Limit, used, source.Source.Limit, new WholeSeconds(_time.GetElapsedTime(_started)), new WholeSeconds(heldBack), source.Source.Remedies);
        }
    }

    private void TellShortLife(WatchedSource source, long used)
    {
        if (source.Source.ComesBack && source.Held < RestartPhase.Due)
        {
            return; // a peak of requests is no life
        }

        if (!source.Source.IsSteady && source.Held < RestartPhase.Warning)
        {
            return;
        }

        // A process that drains is as good as full, and without new traffic there is no rate left to estimate from.
        TimeSpan? timeToFull = source.Held >= RestartPhase.Draining ? TimeSpan.Zero : source.TimeToFull;
        if (source.IsLifeTold || used < LifeIsToldFrom * source.Source.Limit || timeToFull is not { } left)
        {
            return;
        }

        TimeSpan life = _time.GetElapsedTime(_started) + left;
        if (life < s_shortLife)
        {
            source.IsLifeTold = true;
            Events.LifeShort(_logger, source.Source.Name, new WholeSeconds(life), source.Source.Remedies);
        }
    }
}
