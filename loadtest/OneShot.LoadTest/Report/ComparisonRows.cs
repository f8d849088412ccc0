using OneShot.LoadTest.Compare;

namespace OneShot.LoadTest.Report;

/// <summary>The rows of a comparison's table, on the console and in Markdown alike.</summary>
internal static class ComparisonRows
{
    public static IReadOnlyList<ComparisonRow> Of(SetResult set)
    {
        Side kestrel = set.Kestrel;
        Side front = set.OneShot;
        return
        [
            new("requests/s", Figures.Count(kestrel.RequestsPerSecond), Figures.Count(front.RequestsPerSecond), Figures.Ratio(set.ThroughputRatio)),
            new("latency p50", Figures.Latency(kestrel.P50), Figures.Latency(front.P50), Ratio(front.P50, kestrel.P50)),
            new("latency p90", Figures.Latency(kestrel.P90), Figures.Latency(front.P90), Ratio(front.P90, kestrel.P90)),
            new("latency p99", Figures.Latency(kestrel.P99), Figures.Latency(front.P99), Ratio(front.P99, kestrel.P99)),
            new("server CPU a request", Figures.Cpu(kestrel.CpuMicroseconds), Figures.Cpu(front.CpuMicroseconds), Figures.Ratio(set.CpuRatio)),
            new("managed bytes a request", Figures.Bytes(kestrel.ManagedBytes), Figures.Bytes(front.ManagedBytes), Ratio(front.ManagedBytes, kestrel.ManagedBytes)),
            new("GCs a run (gen 0/1/2)", Collections(kestrel), Collections(front), ""),
            new("arena bytes a request", Figures.Bytes(kestrel.ArenaBytes), Figures.Bytes(front.ArenaBytes), ""),
            new("pod life at that rate", "", set.PodLife is { } life ? Figures.Duration(life) : "not used up", ""),
        ];
    }

    /// <summary>How the pairs' ratios of throughput lie, least to most.</summary>
    public static string Spread(SetResult set) =>
        $"{Figures.Ratio(set.Pairs.Min(pair => pair.ThroughputRatio))} to {Figures.Ratio(set.Pairs.Max(pair => pair.ThroughputRatio))}";

    private static string Ratio(double front, double kestrel) => kestrel > 0 ? Figures.Ratio(front / kestrel) : "";

    private static string Collections(Side side) => $"{Figures.Count(side.Gen0)}/{Figures.Count(side.Gen1)}/{Figures.Count(side.Gen2)}";
}

internal sealed record ComparisonRow(string Name, string Kestrel, string OneShot, string Ratio);
