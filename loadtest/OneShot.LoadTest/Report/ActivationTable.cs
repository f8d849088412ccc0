using OneShot.LoadTest.Drill.Activation;
using Spectre.Console;

namespace OneShot.LoadTest.Report;

/// <summary>An activation drill on the console.</summary>
internal static class ActivationTable
{
    public static void Write(IAnsiConsole console, ActivationResult result)
    {
        Table table = new() { Title = new TableTitle($"Restarts behind a socket that stays, transport {result.Options.Transport}"), Border = TableBorder.Rounded };
        table.AddColumn("");
        table.AddColumn(new TableColumn("").RightAligned());
        table.HideHeaders();
        void Row(string name, string value) => table.AddRow(Markup.Escape(name), Markup.Escape(value));

        Row("duration", Figures.Duration(result.Duration));
        Row("requests", Figures.Count(result.Succeeded + result.Failed));
        Row("failed requests", Figures.Count(result.Failed));
        Row("restarts", Figures.Count(result.Away.Count));
        Row("longest from stopping to ready", Figures.Milliseconds(result.Away.DefaultIfEmpty().Max()));
        Row("answer, median", Figures.Milliseconds(result.Latencies.Median));
        Row("answer, p99.9", Figures.Milliseconds(result.Latencies.P999));
        Row("answer, longest", Figures.Milliseconds(result.Latencies.Longest));
        console.Write(table);
        foreach ((string kind, int count) in result.Failures)
        {
            console.MarkupLineInterpolated($"[red]{count} x {kind}[/]");
        }
    }
}
