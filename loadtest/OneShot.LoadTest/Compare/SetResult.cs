using OneShot.LoadTest.Tools;

namespace OneShot.LoadTest.Compare;

/// <summary>All rounds with one header set.</summary>
/// <param name="Headers">What was sent.</param>
/// <param name="Pairs">In the order they were run.</param>
/// <param name="Capacity">Of the process arena, in bytes.</param>
internal sealed record SetResult(HeaderSet Headers, IReadOnlyList<RoundPair> Pairs, long Capacity)
{
    /// <summary>On average, as in <c>docs/operations.md</c>: 85 % less half of the jitter of 10 points.</summary>
    private const double DrainsAt = 0.8;

    public Side Kestrel { get; } = Side.Of(Pairs.Select(pair => pair.Kestrel));

    public Side OneShot { get; } = Side.Of(Pairs.Select(pair => pair.OneShot));

    /// <summary>The median of the pairs' ratios, not the ratio of medians: what slows the machine slows both of a pair.</summary>
    public double ThroughputRatio { get; } = Median.Of(Pairs.Select(pair => pair.ThroughputRatio));

    public double CpuRatio { get; } = Median.Of(Pairs.Select(pair => pair.CpuRatio));

    /// <summary>How long a pod lives at the measured rate, until it drains; null where its arena is not used up.</summary>
    public TimeSpan? PodLife => OneShot.LifeOf((long)(DrainsAt * Capacity));

    public bool ArenaFull => Pairs.Any(pair => pair.OneShot.Cost.ArenaFull || pair.Kestrel.Cost.ArenaFull);
}
