using OneShot.LoadTest.Drill;
using Spectre.Console;

namespace OneShot.LoadTest.Report;

/// <summary>A drill of one service on the console.</summary>
internal static class ServiceDrillTable
{
    /// <param name="console">Where.</param>
    /// <param name="result">What was measured.</param>
    /// <param name="title">Of the table.</param>
    /// <param name="replacements">What is counted.</param>
    /// <param name="longest">What the longest of the times is.</param>
    /// <param name="times">Of each replacement.</param>
    public static void Write(IAnsiConsole console, ServiceDrillResult result, string title, string replacements, string longest, IReadOnlyList<TimeSpan> times)
    {
        FigureTable figures = new(title);
        figures.AddRequests(result.Duration, result.Succeeded, result.Failed);
        figures.Add(replacements, Figures.Count(times.Count));
        figures.Add(longest, Figures.Milliseconds(times.DefaultIfEmpty().Max()));
        figures.AddAnswers(result.Latencies);
        console.Write(figures.Table);
        FigureTable.WriteFailures(console, result.Failures);
    }
}
