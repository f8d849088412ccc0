using System.Text;
using OneShot.LoadTest.Tail;

namespace OneShot.LoadTest.Report;

/// <summary>A tail benchmark as a Markdown page, with its plots beside it.</summary>
internal static class TailMarkdown
{
    /// <summary>Writes the page, and an SVG file for each plot into its folder: <c>{page}-{plot}.svg</c>.</summary>
    public static void Write(TailResult result, string file)
    {
        string folder = Path.GetDirectoryName(Path.GetFullPath(file))!;
        string name = Path.GetFileNameWithoutExtension(file);
        Directory.CreateDirectory(folder);
        foreach (Plot plot in result.Sets.SelectMany(set => TailPlots.Of(set, result.Options)))
        {
            File.WriteAllText(Path.Combine(folder, ImageOf(name, plot)), plot.Svg);
        }

        File.WriteAllText(file, Page(result, name));
    }

    /// <param name="result">What was measured.</param>
    /// <param name="name">Of the page, which the names of its images begin with.</param>
    public static string Page(TailResult result, string name)
    {
        StringBuilder page = new("# Tail latency\n\n");
        foreach (string note in TailNotes.Of(result))
        {
            page.Append("- ").Append(note).Append('\n');
        }

        foreach (TailSet set in result.Sets)
        {
            page.Append("\n## ").Append(TailRows.Title(set)).Append("\n\n");
            AppendRow(page, TailRows.Columns);
            page.Append("|---|").Insert(page.Length, "---:|", TailRows.Columns.Count - 1).Append('\n');
            foreach (IReadOnlyList<string> row in TailRows.Of(set, result.Options))
            {
                AppendRow(page, row);
            }

            string[] remarks = [.. TailRows.Remarks(set, result.Options)];
            page.Append(remarks.Length > 0 ? "\n" : "");
            foreach (string remark in remarks)
            {
                page.Append("- ").Append(remark).Append('\n');
            }

            foreach (Plot plot in TailPlots.Of(set, result.Options))
            {
                page.Append("\n![").Append(plot.Title).Append("](").Append(ImageOf(name, plot)).Append(")\n");
            }
        }

        return page.ToString();
    }

    private static string ImageOf(string page, Plot plot) => $"{page}-{plot.Name}.svg";

    private static void AppendRow(StringBuilder page, IEnumerable<string> cells) =>
        page.Append("| ").AppendJoin(" | ", cells).Append(" |\n");
}
