using OneShot.LoadTest.Tail;

namespace OneShot.LoadTest.Report;

/// <summary>A tail benchmark as a Markdown page, with its plots beside it.</summary>
internal static class TailMarkdown
{
    /// <param name="result">What was measured.</param>
    /// <param name="name">Of the page.</param>
    public static MarkdownPage Page(TailResult result, string name)
    {
        MarkdownPage page = new(name, "Tail latency");
        page.AddList(TailNotes.Of(result));
        foreach (TailSet set in result.Sets)
        {
            page.AddSection(TailRows.Title(set), TailRows.Columns(result.Options), TailRows.Of(set, result.Options), TailRows.Remarks(set, result.Options));
            page.AddPlots(TailPlots.Of(set, result.Options));
        }

        return page;
    }
}
