using OneShot.LoadTest.Drill.Traffic;
using Spectre.Console;

namespace OneShot.LoadTest.Report;

/// <summary>A list of figures with their names, and those that every drill has.</summary>
internal sealed class FigureTable
{
    public FigureTable(string title)
    {
        Table = Empty(title);
        Table.AddColumn("");
        Table.AddColumn(new TableColumn("").RightAligned());
        Table.HideHeaders();
    }

    public Table Table { get; }

    public static Table Empty(string title) => new() { Title = new TableTitle(title), Border = TableBorder.Rounded };

    public void Add(string name, string value) => Table.AddRow(Markup.Escape(name), Markup.Escape(value));

    public void AddRequests(TimeSpan duration, long succeeded, long failed)
    {
        Add("duration", Figures.Duration(duration));
        Add("requests", Figures.Count(succeeded + failed));
        Add("failed requests", Figures.Count(failed));
    }

    public void AddAnswers(Latencies latencies)
    {
        Add("answer, median", Figures.Milliseconds(latencies.Median));
        Add("answer, p99.9", Figures.Milliseconds(latencies.P999));
        Add("answer, longest", Figures.Milliseconds(latencies.Longest));
    }

    /// <summary>Failed requests, by what became of them.</summary>
    public static void WriteFailures(IAnsiConsole console, IReadOnlyDictionary<string, int> failures)
    {
        foreach ((string kind, int count) in failures)
        {
            console.MarkupLineInterpolated($"[red]{count} x {kind}[/]");
        }
    }
}
