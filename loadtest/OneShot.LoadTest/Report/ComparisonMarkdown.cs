using System.Text;
using OneShot.LoadTest.Compare;

namespace OneShot.LoadTest.Report;

/// <summary>A comparison as a Markdown page, with its plots beside it.</summary>
internal static class ComparisonMarkdown
{
    /// <summary>Writes the page, and an SVG file for each plot into its folder: <c>{page}-{plot}.svg</c>.</summary>
    public static void Write(ComparisonResult result, string file)
    {
        string folder = Path.GetDirectoryName(Path.GetFullPath(file))!;
        string name = Path.GetFileNameWithoutExtension(file);
        Directory.CreateDirectory(folder);

        Dictionary<string, string> links = [];
        foreach (Plot plot in ComparisonPlots.Of(result))
        {
            string image = $"{name}-{plot.Name}.svg";
            File.WriteAllText(Path.Combine(folder, image), plot.Svg);
            links.Add(plot.Title, image);
        }

        File.WriteAllText(file, Page(result, links));
    }

    /// <param name="result">What was measured.</param>
    /// <param name="plots">File names by title.</param>
    public static string Page(ComparisonResult result, IReadOnlyDictionary<string, string> plots)
    {
        StringBuilder page = new();
        page.Append("# Side by side: ").AppendJoin(", ", result.Options.Sides).Append("\n\n");
        foreach (string note in ComparisonNotes.Of(result))
        {
            page.Append("- ").Append(note).Append('\n');
        }

        foreach ((string title, string image) in plots)
        {
            page.Append("\n![").Append(title).Append("](").Append(image).Append(")\n");
        }

        foreach (SetResult set in result.Sets)
        {
            AppendSet(page, set);
        }

        return page.ToString();
    }

    private static void AppendSet(StringBuilder page, SetResult set)
    {
        page.Append("\n## ").Append(set.Headers.Name).Append(": ").Append(set.Headers.Description).Append("\n\n");
        AppendRow(page, ComparisonRows.Columns);
        page.Append("|---|").Insert(page.Length, "---:|", ComparisonRows.Columns.Count - 1).Append('\n');
        foreach (IReadOnlyList<string> row in ComparisonRows.Of(set))
        {
            AppendRow(page, row);
        }

        page.Append('\n');
        foreach (string remark in ComparisonRows.Remarks(set))
        {
            page.Append("- ").Append(remark).Append('\n');
        }
    }

    private static void AppendRow(StringBuilder page, IEnumerable<string> cells) =>
        page.Append("| ").AppendJoin(" | ", cells).Append(" |\n");
}
