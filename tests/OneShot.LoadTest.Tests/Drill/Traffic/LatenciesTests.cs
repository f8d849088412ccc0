using OneShot.LoadTest.Drill.Traffic;

namespace OneShot.LoadTest.Tests.Drill.Traffic;

public class LatenciesTests
{
    [Fact]
    public void A_share_of_the_answers_took_no_longer()
    {
        Latencies latencies = Latencies.Of(Enumerable.Range(1, 1000).Reverse().Select(milliseconds => TimeSpan.FromMilliseconds(milliseconds)));

        Assert.Equal((500, 990, 999, 1000), (latencies.Median.TotalMilliseconds, latencies.P99.TotalMilliseconds, latencies.P999.TotalMilliseconds, latencies.Longest.TotalMilliseconds));
    }

    [Fact]
    public void Without_answers_all_are_zero() => Assert.Equal(default, Latencies.Of([]).Longest);
}
