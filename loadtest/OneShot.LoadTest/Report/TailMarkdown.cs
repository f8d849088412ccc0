using OneShot.LoadTest.Tail;

namespace OneShot.LoadTest.Report;

/// <summary>A tail benchmark as a Markdown page, with its plots beside it.</summary>
internal static class TailMarkdown
{
    public static void Write(TailResult result, string file) => MarkdownPage.Write(file, name => Page(result, name));

    /// <param name="result">What was measured.</param>
    /// <param name="name">Of the page.</param>
    public static MarkdownPage Page(TailResult result, string name)
    {
        MarkdownPage page = new(name, "Tail latency");
        page.AddList(TailNotes.Of(result));
        foreach (TailSet set in result.Sets)
        {
            page.AddHeading(TailRows.Title(set));
            page.AddTable(TailRows.Columns(result.Options), TailRows.Of(set, result.Options));
            page.AddList(TailRows.Remarks(set, result.Options));
            foreach (Plot plot in TailPlots.Of(set, result.Options))
            {
                page.AddPlot(plot);
            }
        }

        return page;
    }
}
