namespace OneShot.LoadTest.Tail.Load;

/// <summary>
/// How late the machine itself wakes a thread: one sleeps for a millisecond again and again, and what it overslept is recorded, as jHiccup does
/// (https://github.com/giltene/jHiccup). It does nothing else, so that what stops it is the hypervisor, the scheduler, or a pause of this
/// program: latencies of a server on this machine that are no longer than that say nothing about the server.
/// </summary>
/// <remarks>A longer stop counts for every millisecond of it, as it would for a request that was due then.</remarks>
internal sealed class HiccupMeter(TimeProvider time, Action<TimeSpan> sleep)
{
    private static readonly TimeSpan s_interval = TimeSpan.FromMilliseconds(1);

    public HiccupMeter()
        : this(TimeProvider.System, Pace.Sleep)
    {
    }

    /// <summary>Does <paramref name="work"/>, and measures meanwhile on a thread of its own.</summary>
    public async Task<(T Result, LatencyRecord Hiccups)> WhileAsync<T>(Func<Task<T>> work)
    {
        using CancellationTokenSource done = new();
        Task<LatencyRecord> measuring = Task.Factory.StartNew(() => Measure(done.Token), CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);
        T result;
        try
        {
            result = await work();
        }
        finally
        {
            await done.CancelAsync();
            await ((Task)measuring).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }

        return (result, await measuring);
    }

    /// <summary>Sleeps and records on this thread, until it is cancelled.</summary>
    /// <returns>How much longer than asked for, by when the sleep began.</returns>
    public LatencyRecord Measure(CancellationToken cancellationToken)
    {
        LatencyRecord hiccups = new();
        long start = time.GetTimestamp();
        while (!cancellationToken.IsCancellationRequested)
        {
            long begun = time.GetTimestamp();
            sleep(s_interval);
            TimeSpan at = time.GetElapsedTime(start, begun);
            TimeSpan late = time.GetElapsedTime(begun) - s_interval;
            // A signal may end a sleep early: that is no lateness.
            hiccups.Add(at, late > TimeSpan.Zero ? late : TimeSpan.Zero);
            for (TimeSpan rest = late - s_interval; rest > TimeSpan.Zero; rest -= s_interval)
            {
                hiccups.Add(at, rest);
            }
        }

        return hiccups;
    }
}
