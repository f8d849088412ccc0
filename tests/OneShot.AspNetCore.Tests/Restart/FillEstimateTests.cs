using OneShot.AspNetCore.Restart;

namespace OneShot.AspNetCore.Tests.Restart;

public class FillEstimateTests
{
    private const long Mebi = 1 << 20;
    private const long Capacity = 1024 * Mebi;

    [Fact]
    public void A_steady_fill_is_told_to_the_second()
    {
        FillEstimate estimate = Observe(60, second => second * Mebi);

        Assert.Equal(1024 - 60, estimate.TimeToFull!.Value.TotalSeconds, 0.001);
    }

    [Fact]
    public void Nothing_is_told_before_there_are_four_readings()
    {
        FillEstimate estimate = new(Capacity);
        for (int second = 0; second < 3; second++)
        {
            estimate.Add(TimeSpan.FromSeconds(second), second * Mebi);
        }

        Assert.Null(estimate.TimeToFull);
        estimate.Add(TimeSpan.FromSeconds(3), 3 * Mebi);
        Assert.Equal(1021, estimate.TimeToFull!.Value.TotalSeconds, 0.001);
    }

    /// <summary>Half an arena in a second, after a quiet minute: no trend, and "not filling" would be the wrong word for it.</summary>
    [Fact]
    public void A_burst_is_told_by_its_own_pace_where_there_is_no_trend()
    {
        FillEstimate estimate = Observe(60, second => second < 60 ? 0 : 512 * Mebi);

        Assert.Null(estimate.TimeToFull);
        Assert.Equal(1, estimate.AtPresentPace!.Value.TotalSeconds, 0.001);
        Assert.Equal("no trend yet, but full in about 00:00:01 at the pace of the last second", new FillForecast(estimate.TimeToFull, estimate.AtPresentPace).ToString());
    }

    [Fact]
    public void What_does_not_rise_has_no_pace()
    {
        FillEstimate estimate = Observe(60, _ => 512 * Mebi);

        Assert.Null(estimate.AtPresentPace);
        Assert.Equal("not filling", new FillForecast(estimate.TimeToFull, estimate.AtPresentPace).ToString());
    }

    [Theory]
    [InlineData(35)]
    [InlineData(45)]
    [InlineData(55)]
    public void One_burst_moves_the_estimate_by_less_than_its_own_bytes_and_a_tenth(int burstAt)
    {
        // 100 MiB in one second on top of 1 MiB a second: a line from first to last would be out by a factor of four.
        FillEstimate estimate = Observe(60, second => (second * Mebi) + (second >= burstAt ? 100 * Mebi : 0));

        double honest = 1024 - 60 - 100;
        Assert.InRange(estimate.TimeToFull!.Value.TotalSeconds, honest * 0.9, honest * 1.1);
    }

    [Fact]
    public void A_block_every_few_seconds_is_a_fill_as_well()
    {
        FillEstimate estimate = Observe(60, second => second / 3 * Mebi);

        Assert.InRange(estimate.TimeToFull!.Value.TotalSeconds, 0.7 * 3 * 1004, 1.4 * 3 * 1004);
    }

    [Fact]
    public void A_block_every_two_minutes_is_told_from_the_last_quarter_of_an_hour()
    {
        FillEstimate estimate = Observe(1800, second => second / 120 * Mebi);

        Assert.InRange(estimate.TimeToFull!.Value.TotalHours, 0.8 * 1009 / 30, 1.2 * 1009 / 30);
    }

    [Fact]
    public void A_new_pace_is_told_within_half_a_minute()
    {
        FillEstimate estimate = Observe(330, second => second < 300 ? 0 : (second - 300) * 10 * Mebi);

        Assert.Equal((1024 - 300) / 10.0, estimate.TimeToFull!.Value.TotalSeconds, 0.5);
    }

    [Fact]
    public void An_arena_that_fills_within_seconds_is_seen_filling()
    {
        FillEstimate estimate = new(Capacity);
        TimeSpan at = TimeSpan.Zero;
        TimeSpan? first = null;
        while (at < TimeSpan.FromSeconds(3))
        {
            estimate.Add(at, (long)(at.TotalSeconds * Capacity / 3));
            first ??= estimate.TimeToFull is null ? null : at;
            at += estimate.Interval;
        }

        Assert.InRange(first!.Value.TotalSeconds, 0, 1);
        Assert.InRange(estimate.TimeToFull!.Value.TotalSeconds, 0, 0.3);
    }

    [Fact]
    public void Nobody_knows_when_an_idle_arena_is_full() => Assert.Null(Observe(60, _ => 500 * Mebi).TimeToFull);

    [Fact]
    public void A_fill_that_swings_with_the_load_is_no_trend()
    {
        Random random = new(1);
        Assert.Null(Observe(1800, _ => (400 + random.Next(200)) * Mebi).TimeToFull);
    }

    [Fact]
    public void A_fill_that_falls_has_no_end() => Assert.Null(Observe(60, second => (500 - second) * Mebi).TimeToFull);

    [Fact]
    public void A_full_arena_is_full_now() => Assert.Equal(TimeSpan.Zero, Observe(1, _ => Capacity).TimeToFull);

    [Fact]
    public void After_the_traffic_has_ended_the_estimate_goes_too()
    {
        FillEstimate estimate = Observe(1900, second => Math.Min(second, 100) * Mebi);

        Assert.Null(estimate.TimeToFull);
    }

    [Fact]
    public void Readings_are_taken_the_more_often_the_sooner_the_end_is()
    {
        Assert.Equal(TimeSpan.FromSeconds(1), Observe(60, second => second * Mebi).Interval);
        Assert.Equal(TimeSpan.FromSeconds(24 / 32.0), Observe(1000, second => second * Mebi).Interval);
        Assert.Equal(TimeSpan.FromMilliseconds(100), Observe(1023, second => second * Mebi).Interval);
    }

    private static FillEstimate Observe(int seconds, Func<int, long> used)
    {
        FillEstimate estimate = new(Capacity);
        for (int second = 0; second <= seconds; second++)
        {
            estimate.Add(TimeSpan.FromSeconds(second), used(second));
        }

        return estimate;
    }
}
