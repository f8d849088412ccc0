using OneShot.LoadTest.Tail.Load;

namespace OneShot.LoadTest.Tests.Tail.Load;

public class LatencyRecordTests
{
    [Fact]
    public void Percentiles_are_those_of_a_sorted_list_within_a_thousandth()
    {
        Random random = new(13);
        LatencyRecord record = new();
        TimeSpan[] latencies = [.. Enumerable.Range(0, 20_000).Select(_ => TimeSpan.FromMicroseconds(Math.Exp(random.NextDouble() * 16)))];
        foreach (TimeSpan latency in latencies)
        {
            record.Add(TimeSpan.Zero, latency);
        }

        Array.Sort(latencies);
        foreach (double percent in new[] { 1, 50, 99, 99.9, 99.99 })
        {
            TimeSpan exact = latencies[(int)Math.Ceiling(latencies.Length * percent / 100) - 1];
            double error = Math.Abs(record.Percentile(percent) / exact - 1);
            Assert.True(error <= 0.001 + (1.0 / exact.Ticks), $"{percent} %: {record.Percentile(percent)} instead of {exact}");
        }

        Assert.Equal(latencies[^1], record.Longest);
        Assert.Equal(latencies.Length, record.Count);
    }

    [Fact]
    public void The_longest_of_a_second_is_that_of_the_requests_due_in_it()
    {
        LatencyRecord record = new();
        record.Add(TimeSpan.FromSeconds(0.1), TimeSpan.FromMilliseconds(5));
        record.Add(TimeSpan.FromSeconds(2.9), TimeSpan.FromMilliseconds(7));
        record.Add(TimeSpan.FromSeconds(2.0), TimeSpan.FromMilliseconds(3));

        Assert.Equal([5, 0, 7], record.LongestOfSecond.Select(longest => longest.TotalMilliseconds));
    }

    [Fact]
    public void Two_records_together_are_one_of_all()
    {
        LatencyRecord one = new();
        LatencyRecord other = new();
        one.Add(TimeSpan.Zero, TimeSpan.FromMilliseconds(1));
        other.Add(TimeSpan.Zero, TimeSpan.FromMilliseconds(400));
        other.Add(TimeSpan.Zero, TimeSpan.FromMinutes(11));

        one.Add(other);

        Assert.Equal(3, one.Count);
        Assert.Equal(2, one.CountFrom(TimeSpan.FromMilliseconds(399)));
        Assert.Equal(TimeSpan.FromMinutes(11), one.Longest);
    }
}
