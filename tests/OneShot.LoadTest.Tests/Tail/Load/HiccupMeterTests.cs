using OneShot.LoadTest.Tail.Load;
using OneShot.LoadTest.Tests.Drill.Supervision;

namespace OneShot.LoadTest.Tests.Tail.Load;

public class HiccupMeterTests
{
    private readonly VirtualTime _time = new();

    [Fact]
    public void What_is_slept_beyond_the_millisecond_is_recorded()
    {
        LatencyRecord hiccups = Measure(1.2, 1, 1.3);

        Assert.Equal(3, hiccups.Count);
        Assert.Equal(TimeSpan.FromMilliseconds(0.3), hiccups.Longest);
        Assert.Equal(1, hiccups.CountFrom(TimeSpan.FromMilliseconds(0.25)));
        Assert.Equal(2, hiccups.CountFrom(TimeSpan.FromMilliseconds(0.15)));
    }

    [Fact]
    public void A_long_stop_counts_for_every_millisecond_of_it()
    {
        LatencyRecord hiccups = Measure(1, 21.5, 1);

        // 20.5, 19.5 down to 0.5: who would have come during the stop, a millisecond after the other.
        Assert.Equal(2 + 21, hiccups.Count);
        Assert.Equal(TimeSpan.FromMilliseconds(20.5), hiccups.Longest);
        Assert.Equal(11, hiccups.CountFrom(TimeSpan.FromMilliseconds(10)));
    }

    [Fact]
    public void A_sleep_that_a_signal_ends_early_is_none() => Assert.Equal(TimeSpan.Zero, Measure(0.2, 0.9).Longest);

    [Fact]
    public void A_hiccup_is_in_the_second_in_which_it_began()
    {
        LatencyRecord hiccups = Measure(999, 3, 2, 1);

        Assert.Equal([998, 1], hiccups.LongestOfSecond.Select(longest => longest.TotalMilliseconds));
    }

    [Fact]
    public async Task It_measures_while_the_work_is_done_and_ends_with_it()
    {
        TaskCompletionSource slept = new(TaskCreationOptions.RunContinuationsAsynchronously);
        HiccupMeter meter = new(TimeProvider.System, span =>
        {
            Pace.Sleep(span);
            slept.TrySetResult();
        });

        (int result, LatencyRecord hiccups) = await meter.WhileAsync(async () =>
        {
            await slept.Task;
            return 7;
        });

        Assert.Equal(7, result);
        Assert.NotEqual(0, hiccups.Count);
    }

    [Fact]
    public async Task Work_that_fails_ends_it_too()
    {
        LoadTestException exception = await Assert.ThrowsAsync<LoadTestException>(() => new HiccupMeter().WhileAsync<int>(() => throw new LoadTestException("It died.")));

        Assert.Equal("It died.", exception.Message);
    }

    /// <summary>Sleeps that take so many milliseconds each, one after the other.</summary>
    private LatencyRecord Measure(params double[] sleeps)
    {
        using CancellationTokenSource done = new();
        Queue<double> left = new(sleeps);
        HiccupMeter meter = new(_time, span =>
        {
            Assert.Equal(TimeSpan.FromMilliseconds(1), span);
            _time.Advance(TimeSpan.FromMilliseconds(left.Dequeue()));
            if (left.Count == 0)
            {
                done.Cancel();
            }
        });
        return meter.Measure(done.Token);
    }
}
