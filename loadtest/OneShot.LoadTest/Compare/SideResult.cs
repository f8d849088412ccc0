using OneShot.LoadTest.Servers;

namespace OneShot.LoadTest.Compare;

/// <summary>A side's medians over its runs. Latencies in microseconds, the rest a request.</summary>
/// <param name="Memory">Null for a server that has neither a GC heap nor an arena.</param>
internal sealed record SideResult(
    Side Side, double RequestsPerSecond, double P50, double P90, double P99, double CpuMicroseconds, MemoryResult? Memory)
{
    public static SideResult Of(Side side, IEnumerable<Run> runs)
    {
        Run[] all = [.. runs];
        double Middle(Func<Run, double> value) => Median.Of(all.Select(value));
        return new SideResult(
            side,
            Middle(run => run.Load.RequestsPerSecond),
            Middle(run => run.Load.Latencies.P50),
            Middle(run => run.Load.Latencies.P90),
            Middle(run => run.Load.Latencies.P99),
            Middle(run => run.Cost.CpuMicroseconds),
            MemoryResult.Of(all));
    }

    /// <summary>How long an arena of that many bytes lasts at this rate; null where it is not used up.</summary>
    public TimeSpan? LifeOf(long capacity)
    {
        double arenaBytes = Memory?.ArenaBytes ?? 0;
        double seconds = capacity / (arenaBytes * RequestsPerSecond);
        // Under a byte a request nothing is used up: what a reclaiming arena grows by is not a rate.
        return arenaBytes >= 1 && seconds < TimeSpan.MaxValue.TotalSeconds ? TimeSpan.FromSeconds(seconds) : null;
    }
}

/// <summary>Bytes a request, collections a run.</summary>
internal sealed record MemoryResult(double ManagedBytes, double ArenaBytes, double Gen0, double Gen1, double Gen2)
{
    public static MemoryResult? Of(IEnumerable<Run> runs)
    {
        MemoryCost[] all = [.. runs.Select(run => run.Cost.Memory).OfType<MemoryCost>()];
        double Middle(Func<MemoryCost, double> value) => Median.Of(all.Select(value));
        return all.Length == 0 ? null : new MemoryResult(
            Middle(cost => cost.ManagedBytes),
            Middle(cost => cost.ArenaBytes),
            Middle(cost => cost.Gc.Gen0),
            Middle(cost => cost.Gc.Gen1),
            Middle(cost => cost.Gc.Gen2));
    }
}
