using System.Globalization;
using System.Text;
using OneShot.LoadTest.Compare;
using OneShot.LoadTest.Servers;

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

/// <summary>What a reader must know to read the figures right.</summary>
internal static class ComparisonNotes
{
    public static IEnumerable<string> Of(ComparisonResult result)
    {
        ComparisonOptions options = result.Options;
        yield return string.Create(CultureInfo.InvariantCulture, $"{result.Machine.Processor}, {result.Machine.Cores} cores shared by server and tool; {result.Machine.System}; {result.Machine.Runtime}.");
        yield return string.Create(CultureInfo.InvariantCulture, $"{result.Tool}, {options.Connections} connections{Pipelining(options)}, {Request(options)}; medians of {options.Rounds} runs of {options.Duration.TotalSeconds:0} s, in turn; ratios are of the medians, to those of {options.Sides[0]}.");
        yield return $"Process arena: {options.Capacity}, {options.Reclamation}.";
        yield return result.HeadersChange
            ? "Cookies, trace context, request ids and tokens differ in every request."
            : "Every request carries the same header values, because the tool cannot change them: stock Kestrel then reuses the strings of the request before, its friendliest case.";

        if (options.Sides.Any(side => side is NginxSide))
        {
            yield return "nginx: one worker, which answers every path with the request's Host, about as long as /plaintext's answer, and throws bodies away.";
        }

        if (result.Machine.DebugBuild)
        {
            yield return "WARNING: the server is a Debug build. Build it with -c Release for figures that mean something.";
        }

        foreach (SetResult set in result.Sets.Where(set => set.ArenaFull))
        {
            yield return $"WARNING: with the headers '{set.Headers.Name}' the arena has run full and requests spilled to the GC heap: give a larger --capacity, fewer rounds or a shorter duration.";
        }
    }

    private static string Request(ComparisonOptions options) => options.PostBytes is { } bytes
        ? string.Create(CultureInfo.InvariantCulture, $"POST {options.Path} with {bytes:#,0} bytes{Tls(options)}")
        : $"GET {options.Path}{Tls(options)}";

    private static string Tls(ComparisonOptions options) => options.Tls ? " over TLS" : "";

    private static string Pipelining(ComparisonOptions options) =>
        options.Pipeline == 1 ? "" : string.Create(CultureInfo.InvariantCulture, $", {options.Pipeline} requests at a time on each");
}
