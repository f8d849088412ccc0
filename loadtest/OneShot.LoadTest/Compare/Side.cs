using OneShot.LoadTest.Servers;

namespace OneShot.LoadTest.Compare;

/// <summary>A server's medians over its rounds. Latencies in microseconds, the rest a request.</summary>
internal sealed record Side(
    double RequestsPerSecond, double P50, double P90, double P99,
    double CpuMicroseconds, double ManagedBytes, double ArenaBytes, double Gen0, double Gen1, double Gen2)
{
    public static Side Of(IEnumerable<Round> rounds)
    {
        Round[] all = [.. rounds];
        double Middle(Func<Round, double> value) => Median.Of(all.Select(value));
        double Collections(Func<GcStats, int> generation) => Middle(round => generation(round.Cost.Gc));
        return new Side(
            Middle(round => round.Load.RequestsPerSecond),
            Middle(round => round.Load.Latencies.P50),
            Middle(round => round.Load.Latencies.P90),
            Middle(round => round.Load.Latencies.P99),
            Middle(round => round.Cost.CpuMicroseconds),
            Middle(round => round.Cost.ManagedBytes),
            Middle(round => round.Cost.ArenaBytes),
            Collections(gc => gc.Gen0),
            Collections(gc => gc.Gen1),
            Collections(gc => gc.Gen2));
    }

    /// <summary>How long an arena of that many bytes lasts at this rate; null where it is not used up.</summary>
    public TimeSpan? LifeOf(long capacity)
    {
        double seconds = capacity / (ArenaBytes * RequestsPerSecond);
        // Under a byte a request nothing is used up: what a reclaiming arena grows by is not a rate.
        return ArenaBytes >= 1 && seconds < TimeSpan.MaxValue.TotalSeconds ? TimeSpan.FromSeconds(seconds) : null;
    }
}
