using System.Globalization;
using OneShot.LoadTest.Compare;
using Spectre.Console;

namespace OneShot.LoadTest.Report;

/// <summary>A comparison on the console.</summary>
internal static class ComparisonTable
{
    public static void Write(IAnsiConsole console, ComparisonResult result)
    {
        foreach (SetResult set in result.Sets)
        {
            console.Write(RowTable.Of($"{set.Headers.Name}: {set.Headers.Description}", ComparisonRows.Columns, ComparisonRows.Of(set)));
            foreach (string remark in ComparisonRows.Remarks(set))
            {
                console.MarkupLineInterpolated($"{remark}");
            }

            console.WriteLine();
        }

        foreach (string note in ComparisonNotes.Of(result))
        {
            console.MarkupLineInterpolated($"[grey]{note}[/]");
        }
    }
}

/// <summary>A comparison's table, on the console and in Markdown alike: a row a side.</summary>
internal static class ComparisonRows
{
    /// <summary>The first stands left, the others right.</summary>
    public static IReadOnlyList<string> Columns { get; } =
        ["", "requests a second", "ratio", "CPU a request", "ratio", "p50", "p99", "ratio", "managed bytes", "arena bytes", "GCs (gen 0/1/2)"];

    /// <summary>A cell a column. Ratios are of the medians, to the first side's.</summary>
    public static IEnumerable<IReadOnlyList<string>> Of(SetResult set)
    {
        SideResult first = set.Sides[0];
        return set.Sides.Select(side => (IReadOnlyList<string>)
        [
            side.Side.Name,
            Figures.Count(side.RequestsPerSecond),
            Figures.Ratio(side.RequestsPerSecond, first.RequestsPerSecond),
            Figures.Cpu(side.CpuMicroseconds),
            Figures.Ratio(side.CpuMicroseconds, first.CpuMicroseconds),
            Figures.Latency(side.P50),
            Figures.Latency(side.P99),
            Figures.Ratio(side.P99, first.P99),
            side.Memory is { } managed ? Figures.Bytes(managed.ManagedBytes) : "",
            side.Memory is { } arena ? Figures.Bytes(arena.ArenaBytes) : "",
            side.Memory is { } memory ? $"{Figures.Count(memory.Gen0)}/{Figures.Count(memory.Gen1)}/{Figures.Count(memory.Gen2)}" : "",
        ]);
    }

    /// <summary>What stands below the table: how far the rounds lie apart, and how long the arenas last.</summary>
    public static IEnumerable<string> Remarks(SetResult set)
    {
        for (int i = 1; i < set.Sides.Count; i++)
        {
            double[] ratios = [.. set.Rounds.Select(round => round.ThroughputRatio(i))];
            yield return $"Requests/s of {set.Sides[i].Side.Name} round by round: {Figures.Ratio(ratios.Min())} to {Figures.Ratio(ratios.Max())} times those of {set.Sides[0].Side.Name}.";
        }

        for (int i = 0; i < set.Sides.Count; i++)
        {
            if (set.PodLife(i) is { } life)
            {
                yield return $"A pod of {set.Sides[i].Side.Name} lives {Figures.Duration(life)} at that rate.";
            }
        }
    }
}

/// <summary>Numbers as people read them; the same in the table and in the report, whatever the locale.</summary>
internal static class Figures
{
    public static string Count(double value) => value.ToString("#,0", CultureInfo.InvariantCulture);

    /// <summary>How many times the first; empty where that is nothing.</summary>
    public static string Ratio(double value, double first) => first > 0 ? Ratio(value / first) : "";

    public static string Ratio(double value) => value.ToString("0.00", CultureInfo.InvariantCulture);

    /// <summary>Microseconds, in milliseconds from one on.</summary>
    public static string Latency(double microseconds) => microseconds < 1_000
        ? string.Create(CultureInfo.InvariantCulture, $"{microseconds:0} µs")
        : string.Create(CultureInfo.InvariantCulture, $"{microseconds / 1_000:0.00} ms");

    public static string Milliseconds(TimeSpan time) => string.Create(CultureInfo.InvariantCulture, $"{time.TotalMilliseconds:#,0} ms");

    public static string Cpu(double microseconds) => string.Create(CultureInfo.InvariantCulture, $"{microseconds:0.0} µs");

    public static string Bytes(double bytes) => bytes < 9.95
        ? string.Create(CultureInfo.InvariantCulture, $"{bytes:0.0} B")
        : string.Create(CultureInfo.InvariantCulture, $"{bytes:#,0} B");

    public static string Duration(TimeSpan time) => time switch
    {
        { TotalSeconds: < 100 } => string.Create(CultureInfo.InvariantCulture, $"{time.TotalSeconds:0.0} s"),
        { TotalMinutes: < 100 } => string.Create(CultureInfo.InvariantCulture, $"{time.TotalMinutes:0.0} min"),
        { TotalHours: < 48 } => string.Create(CultureInfo.InvariantCulture, $"{time.TotalHours:0.0} h"),
        _ => string.Create(CultureInfo.InvariantCulture, $"{time.TotalDays:#,0} d"),
    };
}
