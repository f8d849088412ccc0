namespace OneShot.Transport.Tests.Listening;

/// <summary>A time that a test moves. Timers run on the thread that moves it.</summary>
internal sealed class ManualTime : TimeProvider
{
    private readonly List<Timer> _timers = [];
    private long _now = 1;

    public override long TimestampFrequency => TimeSpan.TicksPerSecond;

    public override long GetTimestamp() => Volatile.Read(ref _now);

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        var timer = new Timer(this, () => callback(state));
        timer.Change(dueTime, period);
        lock (_timers)
        {
            _timers.Add(timer);
        }

        return timer;
    }

    public void Advance(TimeSpan span)
    {
        long now = Interlocked.Add(ref _now, span.Ticks);
        Timer[] timers;
        lock (_timers)
        {
            timers = [.. _timers];
        }

        Array.ForEach(timers, timer => timer.RunIfDue(now));
    }

    private sealed class Timer(ManualTime time, Action run) : ITimer
    {
        private long _due = long.MaxValue;
        private long _period;

        public bool Change(TimeSpan dueTime, TimeSpan period)
        {
            Volatile.Write(ref _period, Math.Max(period.Ticks, 0));
            Volatile.Write(ref _due, dueTime < TimeSpan.Zero ? long.MaxValue : time.GetTimestamp() + dueTime.Ticks);
            return true;
        }

        public void RunIfDue(long now)
        {
            long due = Volatile.Read(ref _due);
            long period = Volatile.Read(ref _period);
            if (due <= now && Interlocked.CompareExchange(ref _due, period == 0 ? long.MaxValue : now + period, due) == due)
            {
                run();
            }
        }

        public void Dispose() => Volatile.Write(ref _due, long.MaxValue);

        public ValueTask DisposeAsync()
        {
            Dispose();
            return default;
        }
    }
}
