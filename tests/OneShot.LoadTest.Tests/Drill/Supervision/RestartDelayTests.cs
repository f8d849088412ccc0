using OneShot.LoadTest.Drill;
using OneShot.LoadTest.Drill.Supervision;

namespace OneShot.LoadTest.Tests.Drill.Supervision;

public class RestartDelayTests
{
    private static readonly TimeSpan s_short = TimeSpan.FromMinutes(5);
    private static readonly TimeSpan s_long = TimeSpan.FromMinutes(10.1);

    [Fact]
    public void Kubelets_back_off_doubles_from_10_to_300_seconds()
    {
        CrashLoopBackOff backOff = new(new TimeScale(1));

        Assert.Equal([0, 10, 20, 40, 80, 160, 300, 300], Enumerable.Range(0, 8).Select(_ => backOff.Next(s_short).TotalSeconds));
    }

    [Fact]
    public void A_life_of_more_than_ten_minutes_resets_it()
    {
        CrashLoopBackOff backOff = new(new TimeScale(1));
        TimeSpan[] lives = [s_short, s_short, s_short, s_long, s_short, s_long];

        Assert.Equal([0, 10, 20, 0, 10, 0], lives.Select(life => backOff.Next(life).TotalSeconds));
    }

    [Fact]
    public void Exactly_ten_minutes_do_not()
    {
        CrashLoopBackOff backOff = new(new TimeScale(1));
        backOff.Next(s_short);

        Assert.Equal(10, backOff.Next(TimeSpan.FromMinutes(10)).TotalSeconds);
    }

    [Fact]
    public void Its_times_are_scaled_all_alike()
    {
        CrashLoopBackOff backOff = new(new TimeScale(60));

        Assert.Equal(0, backOff.Next(TimeSpan.FromSeconds(5)).TotalSeconds);
        Assert.Equal(10 / 60d, backOff.Next(TimeSpan.FromSeconds(5)).TotalSeconds, 4);
        Assert.Equal(0, backOff.Next(TimeSpan.FromSeconds(10.1)).TotalSeconds);
    }

    [Fact]
    public void Dockers_delay_doubles_from_100_milliseconds_to_a_minute()
    {
        DockerRestartDelay delay = new();

        Assert.Equal(
            [0.1, 0.2, 0.4, 0.8, 1.6, 3.2, 6.4, 12.8, 25.6, 51.2, 60, 60],
            Enumerable.Range(0, 12).Select(_ => delay.Next(TimeSpan.FromSeconds(1)).TotalSeconds));
        Assert.Equal(0.1, delay.Next(TimeSpan.FromSeconds(10)).TotalSeconds);
    }
}
