using CsCheck;
using OneShot.AspNetCore.Restart;

namespace OneShot.AspNetCore.Tests.Restart;

public class RestartLadderTests
{
    private const long Capacity = 1000;

    [Theory]
    [InlineData(0, RestartPhase.Normal)]
    [InlineData(749, RestartPhase.Normal)]
    [InlineData(750, RestartPhase.Warning)]
    [InlineData(849, RestartPhase.Warning)]
    [InlineData(850, RestartPhase.Draining)]
    [InlineData(949, RestartPhase.Draining)]
    [InlineData(950, RestartPhase.Due)]
    [InlineData(1000, RestartPhase.Due)]
    public void A_fill_has_its_phase(long used, RestartPhase expected) =>
        Assert.Equal(expected, Ladder().Next(RestartPhase.Normal, used, TimeSpan.Zero));

    [Theory]
    [InlineData(0.0, 0.85)]
    [InlineData(0.5, 0.80)]
    [InlineData(1.0, 0.75)]
    public void The_draw_takes_its_share_of_the_jitter_off_the_draining_threshold(double draw, double drainAt)
    {
        RestartLadder ladder = Ladder(draw: draw);

        Assert.Equal(drainAt, ladder.DrainAt, 10);
        Assert.Equal(RestartPhase.Draining, ladder.Next(RestartPhase.Normal, (long)Math.Ceiling(drainAt * Capacity), TimeSpan.Zero));
    }

    [Fact]
    public void However_large_the_jitter_is_the_draining_thresholds_spread_evenly_and_not_below_the_warning()
    {
        RestartOptions options = new() { WarnAt = 0.8, DrainAt = 0.9, Jitter = 1 };

        double[] thresholds = [.. Enumerable.Range(0, 11).Select(i => Ladder(options, i / 10.0).DrainAt)];

        Assert.All(thresholds.Zip(thresholds.Skip(1)), pair => Assert.Equal(0.01, pair.First - pair.Second, 10));
        Assert.Equal(0.8, thresholds[^1], 10);
    }

    [Fact]
    public void While_nothing_is_freed_the_phase_only_rises() =>
        Gen.Select(Gen.Double[0, 1], Gen.Bool, Gen.Select(Gen.Long[0, 60], Gen.Int[0, 20]).Array[0, 100]).Sample((draw, selfDrain, steps) =>
        {
            RestartLadder ladder = Ladder(new() { SelfDrain = selfDrain }, draw);
            RestartPhase phase = RestartPhase.Normal;
            TimeSpan drained = TimeSpan.Zero;
            long used = 0;
            foreach ((long bytes, int seconds) in steps)
            {
                used = Math.Min(Capacity, used + bytes);
                drained += phase >= RestartPhase.Draining ? TimeSpan.FromSeconds(seconds) : TimeSpan.Zero;
                RestartPhase next = ladder.Next(phase, used, drained);
                Assert.True(next >= phase, $"{phase} fell to {next} at {used}.");
                phase = next;
            }
        });

    [Theory]
    [InlineData(RestartPhase.Draining, 800, RestartPhase.Draining)]
    [InlineData(RestartPhase.Draining, 750, RestartPhase.Draining)]
    [InlineData(RestartPhase.Draining, 749, RestartPhase.Warning)]
    [InlineData(RestartPhase.Due, 900, RestartPhase.Draining)]
    [InlineData(RestartPhase.Due, 749, RestartPhase.Warning)]
    [InlineData(RestartPhase.Warning, 700, RestartPhase.Warning)]
    [InlineData(RestartPhase.Warning, 674, RestartPhase.Normal)]
    [InlineData(RestartPhase.Draining, 100, RestartPhase.Normal)]
    public void Where_memory_comes_back_draining_ends_below_the_warning_and_a_warning_a_tenth_below_its_threshold(
        RestartPhase held, long used, RestartPhase expected) =>
        Assert.Equal(expected, Ladder().Next(held, used, TimeSpan.Zero));

    [Theory]
    [InlineData(9, RestartPhase.Draining)]
    [InlineData(10, RestartPhase.Due)]
    public void A_process_that_drains_is_due_after_the_drain_delay_because_without_traffic_it_fills_no_further(int seconds, RestartPhase expected) =>
        Assert.Equal(expected, Ladder().Next(RestartPhase.Draining, 860, TimeSpan.FromSeconds(seconds)));

    [Theory]
    [InlineData(860)]
    [InlineData(1000)]
    public void A_process_that_stops_itself_is_never_due(long used) =>
        Assert.Equal(RestartPhase.Draining, Ladder(new() { SelfDrain = true }).Next(RestartPhase.Draining, used, TimeSpan.FromHours(1)));

    [Fact]
    public void Where_memory_comes_back_a_peak_is_never_due_and_a_fill_that_stays_is_due_after_the_tolerance() =>
        Gen.Select(Gen.Long[0, 1000], Gen.Int[0, 59], Gen.Bool).Sample((used, seconds, selfDrain) =>
        {
            RestartLadder ladder = Ladder(new() { SelfDrain = selfDrain }, memoryComesBack: true);
            foreach (RestartPhase held in Enum.GetValues<RestartPhase>())
            {
                Assert.NotEqual(RestartPhase.Due, ladder.Next(held, used, TimeSpan.FromSeconds(seconds)));
            }

            Assert.False(ladder.EndsItself(TimeSpan.FromSeconds(seconds)));
            Assert.Equal(selfDrain, ladder.EndsItself(TimeSpan.FromSeconds(60)));
            RestartPhase after = ladder.Next(RestartPhase.Draining, used, TimeSpan.FromSeconds(60));
            Assert.Equal(used >= 750 && !selfDrain, after == RestartPhase.Due);
        });

    [Fact]
    public void A_tolerance_shorter_than_the_drain_delay_does_not_shorten_it()
    {
        RestartLadder ladder = Ladder(new() { PeakTolerance = TimeSpan.Zero }, memoryComesBack: true);

        Assert.Equal(RestartPhase.Draining, ladder.Next(RestartPhase.Draining, 1000, TimeSpan.FromSeconds(9)));
        Assert.Equal(RestartPhase.Due, ladder.Next(RestartPhase.Draining, 1000, TimeSpan.FromSeconds(10)));
    }

    private static RestartLadder Ladder(RestartOptions? options = null, double draw = 0, bool memoryComesBack = false)
    {
        options ??= new();
        return new(options, options.Thresholds, Capacity, draw, memoryComesBack);
    }
}
