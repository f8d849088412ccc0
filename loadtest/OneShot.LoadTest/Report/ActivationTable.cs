using OneShot.LoadTest.Drill.Activation;
using Spectre.Console;

namespace OneShot.LoadTest.Report;

/// <summary>An activation drill on the console.</summary>
internal static class ActivationTable
{
    public static void Write(IAnsiConsole console, ActivationResult result)
    {
        FigureTable figures = new($"Restarts behind a socket that stays, transport {result.Options.Transport}");
        figures.AddRequests(result.Duration, result.Succeeded, result.Failed);
        figures.Add("restarts", Figures.Count(result.Away.Count));
        figures.Add("longest from stopping to ready", Figures.Milliseconds(result.Away.DefaultIfEmpty().Max()));
        figures.AddAnswers(result.Latencies);
        console.Write(figures.Table);
        FigureTable.WriteFailures(console, result.Failures);
    }
}
