using System.Runtime.InteropServices;
using OneShot.LoadTest.Servers;
using OneShot.LoadTest.Tools;

namespace OneShot.LoadTest.Compare;

/// <summary>Everything a report of <c>compare</c> says.</summary>
internal sealed record ComparisonResult(
    string Tool, bool HeadersChange, Machine Machine, ComparisonOptions Options, IReadOnlyList<SetResult> Sets);

/// <summary>All rounds with one header set.</summary>
/// <param name="Headers">What was sent.</param>
/// <param name="Rounds">In the order they were run.</param>
/// <param name="Capacity">Of the process arena, in bytes; 0 if no side has one.</param>
internal sealed record SetResult(HeaderSet Headers, IReadOnlyList<Round> Rounds, long Capacity)
{
    /// <summary>On average, as in <c>docs/sizing.md</c>: 85 % less half of the jitter of 10 points.</summary>
    private const double DrainsAt = 0.8;

    /// <summary>The first one is what the others are compared with.</summary>
    public IReadOnlyList<SideResult> Sides { get; } = SideResult.Each(Rounds);

    public bool ArenaFull => Round.AnyArenaFull(Rounds);

    /// <summary>How long a pod lives at the measured rate, until it drains; null where its arena is not used up.</summary>
    public TimeSpan? PodLife(int side) => Sides[side].LifeOf((long)(DrainsAt * Capacity));
}

/// <summary>A side's medians over its runs. Latencies in microseconds, the rest a request.</summary>
/// <param name="Memory">Null for a server that has neither a GC heap nor an arena.</param>
internal sealed record SideResult(
    Side Side, double RequestsPerSecond, double P50, double P90, double P99, double CpuMicroseconds, MemoryResult? Memory)
{
    /// <summary>In the order of the rounds' runs.</summary>
    public static IReadOnlyList<SideResult> Each(IReadOnlyList<Round> rounds) =>
        [.. rounds[0].Runs.Select((run, side) => Of(run.Side, rounds.Select(round => round.Runs[side])))];

    private static SideResult Of(Side side, IEnumerable<Run> runs)
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

/// <summary>A run of each side, one right after the other: they met the same machine.</summary>
/// <param name="Runs">In the order of the sides, whichever went first.</param>
internal sealed record Round(IReadOnlyList<Run> Runs)
{
    /// <summary>Requests a second of a side over the first side's: more is better.</summary>
    public double ThroughputRatio(int side) => Runs[side].Load.RequestsPerSecond / Runs[0].Load.RequestsPerSecond;

    /// <summary>Processor time a request of a side over the first side's: less is better.</summary>
    public double CpuRatio(int side) => Runs[side].Cost.CpuMicroseconds / Runs[0].Cost.CpuMicroseconds;

    /// <summary>Whether some of the requests were not served as the design has it.</summary>
    public static bool AnyArenaFull(IEnumerable<Round> rounds) => rounds.Any(static round => round.Runs.Any(static run => run.Cost.Memory is { ArenaFull: true }));
}

/// <summary>One measured run of the tool against one server.</summary>
internal sealed record Run(Side Side, LoadOutcome Load, ServerCost Cost);

internal static class Median
{
    /// <summary>The middle one, or the mean of the two middle ones. NaN of nothing.</summary>
    public static double Of(IEnumerable<double> values)
    {
        double[] sorted = [.. values.Order()];
        return sorted.Length == 0 ? double.NaN : (sorted[(sorted.Length - 1) / 2] + sorted[sorted.Length / 2]) / 2;
    }
}

/// <summary>What the figures were taken on; without that they mean nothing.</summary>
internal sealed record Machine(string Processor, int Cores, string System, string Runtime, bool DebugBuild)
{
    private const string ProcessorInfo = "/proc/cpuinfo";

    public static Machine Read(bool debugBuild) => new(
        ProcessorName(), Environment.ProcessorCount, RuntimeInformation.OSDescription, RuntimeInformation.FrameworkDescription, debugBuild);

    private static string ProcessorName()
    {
        string? line = File.Exists(ProcessorInfo)
            ? File.ReadLines(ProcessorInfo).FirstOrDefault(line => line.StartsWith("model name", StringComparison.Ordinal))
            : null;
        return line is null ? RuntimeInformation.ProcessArchitecture.ToString() : line[(line.IndexOf(':', StringComparison.Ordinal) + 1)..].Trim();
    }
}
