using System.Text.Json;
using System.Xml.Linq;
using OneShot.LoadTest.Compare;
using OneShot.LoadTest.Report;
using OneShot.LoadTest.Tests.Compare;

namespace OneShot.LoadTest.Tests.Report;

public class ComparisonReportTests
{
    [Fact]
    public void The_page_reads_as_it_was_approved() =>
        Golden.AssertEqual("comparison.md", ComparisonMarkdown.Page(Comparisons.Result, "report").ToString());

    [Fact]
    public void The_table_reads_as_it_was_approved() =>
        Golden.AssertEqual("comparison.txt", PlainConsole.Write(console => ComparisonTable.Write(console, Comparisons.Result)));

    [Fact]
    public void The_page_and_its_plots_stand_side_by_side()
    {
        DirectoryInfo folder = Directory.CreateTempSubdirectory("oneshot-report-");
        try
        {
            MarkdownPage.Write(Path.Combine(folder.FullName, "new", "report.md"), name => ComparisonMarkdown.Page(Comparisons.Result, name));

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
    public void Every_side_has_its_name_in_the_plots_that_show_it()
    {
        Plot[] plots = [.. ComparisonPlots.Of(Comparisons.Result)];

        Assert.All(plots.Where(plot => plot.Name != "ratios"), plot => Assert.All(["Kestrel/Sockets", "OneShot/OneShot", "Nginx"], side => Assert.Contains($">{side}<", plot.Svg, StringComparison.Ordinal)));
        Assert.All(["OneShot/OneShot", "Nginx"], side => Assert.Contains($">{side}<", plots.Single(plot => plot.Name == "ratios").Svg, StringComparison.Ordinal));
    }

    [Fact]
    public void The_JSON_holds_every_run_by_its_side()
    {
        using JsonDocument json = JsonDocument.Parse(ReportJson.Serialize(Comparisons.Result));
        JsonElement set = json.RootElement.GetProperty("sets")[0];

        Assert.Equal(
            ["Kestrel/Sockets", "OneShot/OneShot", "Nginx"],
            json.RootElement.GetProperty("options").GetProperty("sides").EnumerateArray().Select(side => side.GetProperty("name").GetString()));
        Assert.Equal(3, set.GetProperty("rounds").GetArrayLength());
        Assert.Equal("Nginx", set.GetProperty("rounds")[2].GetProperty("runs")[2].GetProperty("side").GetProperty("name").GetString());
        Assert.Equal(1_224, set.GetProperty("sides")[0].GetProperty("memory").GetProperty("managedBytes").GetDouble());
        Assert.Equal(JsonValueKind.Null, set.GetProperty("sides")[2].GetProperty("memory").ValueKind);
    }

    [Fact]
    public void What_is_sent_is_said()
    {
        string[] notes = [.. ComparisonNotes.Of(Comparisons.Result with { Options = Comparisons.Result.Options with { PostBytes = 4_096, Path = "/echo", Tls = true, Pipeline = 16 } })];

        Assert.Contains(notes, note => note.Contains("64 connections, 16 requests at a time on each, POST /echo with 4,096 bytes over TLS;", StringComparison.Ordinal));
    }

    [Fact]
    public void What_spoils_the_figures_is_said_with_them()
    {
        Round round = Comparisons.Result.Sets[0].Rounds[0];
        ComparisonResult spoilt = Comparisons.Result with
        {
            HeadersChange = false,
            Machine = Comparisons.Result.Machine with { DebugBuild = true },
            Sets = [Comparisons.Result.Sets[0] with { Rounds = [new Round([round.Runs[0], Comparisons.WithFullArena(round.Runs[1])])] }],
        };

        string[] notes = [.. ComparisonNotes.Of(spoilt)];

        Assert.Contains(notes, note => note.StartsWith("Every request carries the same header values", StringComparison.Ordinal));
        Assert.Contains(notes, note => note.StartsWith("WARNING: the server is a Debug build", StringComparison.Ordinal));
        Assert.Contains(notes, note => note.StartsWith("WARNING: with the headers 'tiny' the arena has run full", StringComparison.Ordinal));
    }
}
