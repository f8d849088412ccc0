using OneShot.LoadTest.Drill.Succession;
using Spectre.Console;

namespace OneShot.LoadTest.Report;

/// <summary>A succession drill on the console.</summary>
internal static class SuccessionTable
{
    public static void Write(IAnsiConsole console, SuccessionResult result)
    {
        FigureTable figures = new($"Processes that start their own successors, transport {result.Options.Transport}");
        figures.AddRequests(result.Duration, result.Succeeded, result.Failed);
        figures.Add("successions", Figures.Count(result.Starts.Count));
        figures.Add("longest start of a successor", Figures.Milliseconds(result.Starts.DefaultIfEmpty().Max()));
        figures.AddAnswers(result.Latencies);
        console.Write(figures.Table);
        FigureTable.WriteFailures(console, result.Failures);
    }
}
