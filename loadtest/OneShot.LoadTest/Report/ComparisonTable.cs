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
            foreach ((int index, string column) in ComparisonRows.Columns.Index())
            {
                // Eleven columns, on a terminal of 100: without padding their headers wrap, their figures do not.
                TableColumn text = new TableColumn(column).Padding(0, 0);
                table.AddColumn(index == 0 ? text.NoWrap() : text.RightAligned());
            }

            foreach (IReadOnlyList<string> row in ComparisonRows.Of(set))
            {
                table.AddRow([.. row.Select(Markup.Escape)]);
            }

            console.Write(table);
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
