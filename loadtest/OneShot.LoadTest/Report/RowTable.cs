using Spectre.Console;

namespace OneShot.LoadTest.Report;

/// <summary>A table of the console with a row a side.</summary>
internal static class RowTable
{
    /// <param name="title">Above it.</param>
    /// <param name="columns">The first stands left, the others right.</param>
    /// <param name="rows">A cell a column.</param>
    public static Table Of(string title, IReadOnlyList<string> columns, IEnumerable<IReadOnlyList<string>> rows)
    {
        Table table = new() { Title = new TableTitle(Markup.Escape(title)), Border = TableBorder.Rounded };
        foreach ((int index, string column) in columns.Index())
        {
            // Eleven columns, on a terminal of 100: without padding their headers wrap, their figures do not.
            TableColumn text = new TableColumn(column).Padding(0, 0);
            table.AddColumn(index == 0 ? text.NoWrap() : text.RightAligned());
        }

        foreach (IReadOnlyList<string> row in rows)
        {
            table.AddRow([.. row.Select(Markup.Escape)]);
        }

        return table;
    }
}
