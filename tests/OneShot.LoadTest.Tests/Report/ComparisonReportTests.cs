using System.Xml.Linq;
using OneShot.LoadTest.Compare;
using OneShot.LoadTest.Report;
using OneShot.LoadTest.Tests.Compare;

namespace OneShot.LoadTest.Tests.Report;

public class ComparisonReportTests
{
    [Fact]
    public void The_page_reads_as_it_was_approved() =>
        Golden.AssertEqual("comparison.md", ComparisonMarkdown.Page(Comparisons.Result, new Dictionary<string, string> { ["Requests per second"] = "report-requests.svg" }));

    [Fact]
    public void The_table_reads_as_it_was_approved() =>
        Golden.AssertEqual("comparison.txt", PlainConsole.Write(console => ComparisonTable.Write(console, Comparisons.Result)));

    [Fact]
    public void The_page_and_its_plots_stand_side_by_side()
    {
        DirectoryInfo folder = Directory.CreateTempSubdirectory("oneshot-report-");
        try
        {
            ComparisonMarkdown.Write(Comparisons.Result, Path.Combine(folder.FullName, "new", "report.md"));

            string page = File.ReadAllText(Path.Combine(folder.FullName, "new", "report.md"));
            string[] images = [.. Directory.EnumerateFiles(Path.Combine(folder.FullName, "new"), "*.svg").Select(file => Path.GetFileName(file)!)];
            Assert.Equal(5, images.Length);
            Assert.All(images, image => Assert.Contains($"]({image})", page, StringComparison.Ordinal));
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    [Fact]
    public void Every_plot_is_an_SVG_document_with_its_texts_as_text()
    {
        foreach (Plot plot in ComparisonPlots.Of(Comparisons.Result))
        {
            XElement svg = XDocument.Parse(plot.Svg).Root!;
            string[] texts = [.. svg.Descendants().Where(element => element.Name.LocalName == "text").Select(element => element.Value)];

            Assert.Equal("svg", svg.Name.LocalName);
            Assert.Contains(plot.Title, texts);
            Assert.Contains("browser", texts);
            Assert.Contains("tiny", texts);
        }
    }

    [Fact]
    public void What_spoils_the_figures_is_said_with_them()
    {
        RoundPair pair = Comparisons.Result.Sets[0].Pairs[0];
        ComparisonResult spoilt = Comparisons.Result with
        {
            HeadersChange = false,
            Machine = Comparisons.Result.Machine with { DebugBuild = true },
            Sets = [Comparisons.Result.Sets[0] with { Pairs = [pair with { OneShot = pair.OneShot with { Cost = pair.OneShot.Cost with { ArenaFull = true } } }] }],
        };

        string[] notes = [.. ComparisonNotes.Of(spoilt)];

        Assert.Contains(notes, note => note.StartsWith("Every request carries the same header values", StringComparison.Ordinal));
        Assert.Contains(notes, note => note.StartsWith("WARNING: the server is a Debug build", StringComparison.Ordinal));
        Assert.Contains(notes, note => note.StartsWith("WARNING: with the headers 'tiny' the arena has run full", StringComparison.Ordinal));
    }
}
