using HdrHistogram;

namespace OneShot.LoadTest.Tail.Load;

/// <summary>
/// Latencies in a histogram whose error is below a thousandth, from 0.1 µs to ten minutes, with the longest exactly; and the longest of each second,
/// by when a request was due. Its size depends on neither rate nor duration, but for eight bytes a second.
/// </summary>
/// <remarks>Thread-safe.</remarks>
internal sealed class LatencyRecord
{
    private const int SignificantDigits = 3;
    private static readonly TimeSpan s_most = TimeSpan.FromMinutes(10);

    private readonly Lock _lock = new();
    private readonly LongHistogram _histogram = new(1, s_most.Ticks, SignificantDigits);
    private readonly List<TimeSpan> _longestOfSecond = [];

    public long Count
    {
        get
        {
            lock (_lock)
            {
                return _histogram.TotalCount;
            }
        }
    }

    public TimeSpan Longest { get; private set; }

    /// <summary>At index s the longest of those that were due in second s.</summary>
    public IReadOnlyList<TimeSpan> LongestOfSecond
    {
        get
        {
            lock (_lock)
            {
                return [.. _longestOfSecond];
            }
        }
    }

    /// <param name="dueAfter">From the start until it was due.</param>
    /// <param name="latency">From when it was due until its answer was here.</param>
    public void Add(TimeSpan dueAfter, TimeSpan latency)
    {
        int second = (int)dueAfter.TotalSeconds;
        lock (_lock)
        {
            _histogram.RecordValue(Math.Clamp(latency.Ticks, 1, s_most.Ticks));
            Longest = latency > Longest ? latency : Longest;
            while (_longestOfSecond.Count <= second)
            {
                _longestOfSecond.Add(TimeSpan.Zero);
            }

            _longestOfSecond[second] = latency > _longestOfSecond[second] ? latency : _longestOfSecond[second];
        }
    }

    /// <summary>Takes in another's latencies, as if they had been added here; its seconds are not.</summary>
    public void Add(LatencyRecord other)
    {
        lock (_lock)
        {
            _histogram.Add(other._histogram);
            Longest = other.Longest > Longest ? other.Longest : Longest;
        }
    }

    /// <summary>What that many of a hundred were answered within. Zero of nothing.</summary>
    public TimeSpan Percentile(double percent)
    {
        lock (_lock)
        {
            // The histogram says the upper end of a bucket, which may lie behind the longest.
            TimeSpan value = TimeSpan.FromTicks(_histogram.GetValueAtPercentile(percent));
            return value < Longest ? value : Longest;
        }
    }

    /// <summary>How many took that long or longer, but for the histogram's error.</summary>
    public long CountFrom(TimeSpan latency)
    {
        lock (_lock)
        {
            return _histogram.RecordedValues().Where(value => value.ValueIteratedTo >= latency.Ticks).Sum(value => value.CountAtValueIteratedTo);
        }
    }
}
