using System.Globalization;
using OneShot.LoadTest.Compare;
using OneShot.LoadTest.Servers;

namespace OneShot.LoadTest.Report;

/// <summary>A comparison as a Markdown page, with its plots beside it.</summary>
internal static class ComparisonMarkdown
{
    /// <param name="result">What was measured.</param>
    /// <param name="name">Of the page.</param>
    public static MarkdownPage Page(ComparisonResult result, string name)
    {
        MarkdownPage page = new(name, $"Side by side: {string.Join(", ", result.Options.Sides)}");
        page.AddList(ComparisonNotes.Of(result));
        page.AddPlots(ComparisonPlots.Of(result));
        foreach (SetResult set in result.Sets)
        {
            page.AddSection($"{set.Headers.Name}: {set.Headers.Description}", ComparisonRows.Columns, ComparisonRows.Of(set), ComparisonRows.Remarks(set));
        }

        return page;
    }
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
