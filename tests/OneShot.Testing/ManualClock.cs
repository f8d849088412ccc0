using System.Collections.Concurrent;
using Microsoft.AspNetCore.Connections.Features;

namespace OneShot.Testing;

/// <summary>A time that stands still, and the heartbeat that goes with it: both move only by <see cref="Advance"/> and <see cref="Pause"/>.</summary>
/// <param name="frequency">Timestamps a second.</param>
public sealed class ManualClock(long frequency = TimeSpan.TicksPerSecond) : TimeProvider, IConnectionHeartbeatFeature
{
    private readonly ConcurrentQueue<(Action<object> Action, object State)> _beats = new();
    private readonly ConcurrentDictionary<ManualTimer, bool> _timers = new();
    private readonly DateTimeOffset _start = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);
    private static readonly TimeSpan s_interval = TimeSpan.FromSeconds(1);

    private long _ticks;

    public int Connections => _beats.Count;

    public int Timers => _timers.Count;

    public override long TimestampFrequency => frequency;

    public override long GetTimestamp() => Volatile.Read(ref _ticks) * (frequency / TimeSpan.TicksPerSecond);

    public override DateTimeOffset GetUtcNow() => _start + TimeSpan.FromTicks(Volatile.Read(ref _ticks));

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        var timer = new ManualTimer(this, callback, state);
        timer.Change(dueTime, period);
        _timers[timer] = true;
        return timer;
    }

    public void OnHeartbeat(Action<object> action, object state) => _beats.Enqueue((action, state));

    /// <summary>Moves the time on, with a heartbeat each second, and one at the end.</summary>
    public void Advance(TimeSpan span)
    {
        TimeSpan left = span;
        do
        {
            Pause(left < s_interval ? left : s_interval);
            left -= s_interval;
        }
        while (left > TimeSpan.Zero);
    }

    /// <summary>Moves the time on at once, as for a process that was stopped: one heartbeat, behind all of it.</summary>
    public void Pause(TimeSpan span)
    {
        Move(span);
        Beat();
    }

    /// <summary>Moves the time on without a heartbeat.</summary>
    public void Move(TimeSpan span)
    {
        Interlocked.Add(ref _ticks, span.Ticks);
        foreach (ManualTimer timer in _timers.Keys)
        {
            timer.FireIfDue();
        }
    }

    /// <summary>Lets time go by within what runs just now: what becomes due meanwhile fires with the next move.</summary>
    public void Pass(TimeSpan span) => Interlocked.Add(ref _ticks, span.Ticks);

    public void Beat()
    {
        foreach ((Action<object> action, object state) in _beats)
        {
            action(state);
        }
    }

    private sealed class ManualTimer(ManualClock clock, TimerCallback callback, object? state) : ITimer
    {
        private long _due = long.MaxValue;
        private TimeSpan _period;

        public bool Change(TimeSpan dueTime, TimeSpan period)
        {
            _due = dueTime == Timeout.InfiniteTimeSpan ? long.MaxValue : Volatile.Read(ref clock._ticks) + dueTime.Ticks;
            _period = period;
            return true;
        }

        public void Dispose() => clock._timers.TryRemove(this, out _);

        public ValueTask DisposeAsync()
        {
            Dispose();
            return default;
        }

        public void FireIfDue()
        {
            if (Volatile.Read(ref clock._ticks) >= _due)
            {
                _due = _period == Timeout.InfiniteTimeSpan ? long.MaxValue : Volatile.Read(ref clock._ticks) + _period.Ticks;
                callback(state);
            }
        }
    }
}
