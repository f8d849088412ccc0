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
        page.Append("# The front beside stock Kestrel\n\n");
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
        page.Append("| | Kestrel | OneShot | ratio |\n|---|---:|---:|---:|\n");
        foreach (ComparisonRow row in ComparisonRows.Of(set))
        {
            page.Append("| ").Append(row.Name).Append(" | ").Append(row.Kestrel).Append(" | ").Append(row.OneShot).Append(" | ").Append(row.Ratio).Append(" |\n");
        }

        page.Append("\nRequests/s, ratio of each pair: ").Append(ComparisonRows.Spread(set)).Append(".\n");
    }
}
