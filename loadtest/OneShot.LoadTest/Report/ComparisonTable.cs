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
            Table table = new() { Title = new TableTitle(Markup.Escape($"{set.Headers.Name}: {set.Headers.Description}")), Border = TableBorder.Rounded };
            table.AddColumn("");
            foreach (string column in new[] { "Kestrel", "OneShot", "ratio" })
            {
                table.AddColumn(new TableColumn(column).RightAligned());
            }

            foreach (ComparisonRow row in ComparisonRows.Of(set))
            {
                table.AddRow(Markup.Escape(row.Name), Markup.Escape(row.Kestrel), Markup.Escape(row.OneShot), Markup.Escape(row.Ratio));
            }

            console.Write(table);
            console.MarkupLineInterpolated($"Requests/s, ratio of each pair: {ComparisonRows.Spread(set)}");
            console.WriteLine();
        }

        foreach (string note in ComparisonNotes.Of(result))
        {
            console.MarkupLineInterpolated($"[grey]{note}[/]");
        }
    }
}
