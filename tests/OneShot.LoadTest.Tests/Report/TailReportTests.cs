using System.Globalization;
using System.Text.Json;
using System.Xml.Linq;
using OneShot.LoadTest.Report;
using OneShot.LoadTest.Tail;
using OneShot.LoadTest.Tests.Tail;

namespace OneShot.LoadTest.Tests.Report;

public class TailReportTests
{
    [Fact]
    public void The_page_reads_as_it_was_approved() => Golden.AssertEqual("tail.md", TailMarkdown.Page(Tails.Result, "tail").ToString());

    [Fact]
    public void The_table_reads_as_it_was_approved() =>
        Golden.AssertEqual("tail.txt", PlainConsole.Write(console =>
        {
            console.Profile.Width = 140;
            TailTable.Write(console, Tails.Result);
        }));

    [Fact]
    public void The_plots_are_SVG_documents_with_every_side_and_what_became_of_the_budget()
    {
        Plot[] plots = [.. TailPlots.Of(Tails.Result.Sets[0], Tails.Options)];

        Assert.Equal(["latency-10000", "pauses-10000"], plots.Select(plot => plot.Name));
        foreach (Plot plot in plots)
        {
            string[] texts = [.. XDocument.Parse(plot.Svg).Descendants().Where(element => element.Name.LocalName == "text").Select(element => element.Value)];
            Assert.All(["stock Kestrel", "front", "front + budget 2GiB", "stock + gen0size 256MiB", "restart due", "budget spent"], text => Assert.Contains(text, texts));
            // It was before the first request.
            Assert.DoesNotContain("budget entered", texts);
        }
    }

    [Fact]
    public void The_longest_name_in_the_legend_is_not_clipped_in_a_wide_font()
    {
        // DejaVu Sans at 12 pixels takes 6.6 a character of such names.
        const double PixelsPerCharacter = 6.6;
        foreach (Plot plot in TailPlots.Of(Tails.Result.Sets[0], Tails.Options))
        {
            XElement svg = XDocument.Parse(plot.Svg).Root!;
            XElement name = svg.Descendants().Single(element => element.Name.LocalName == "text" && element.Value == "stock + gen0size 256MiB");
            double left = double.Parse(name.Attribute("transform")!.Value.Split('(', ',')[1], CultureInfo.InvariantCulture);
            string clip = name.Parent!.Attribute("clip-path")!.Value["url(#".Length..^1];
            XElement area = svg.Descendants().Single(element => element.Attribute("id")?.Value == clip).Elements().Single();
            double right = double.Parse(area.Attribute("x")!.Value, CultureInfo.InvariantCulture) + double.Parse(area.Attribute("width")!.Value, CultureInfo.InvariantCulture);

            Assert.InRange(left + (name.Value.Length * PixelsPerCharacter), 0, right);
        }
    }

    [Fact]
    public void A_percentile_with_fewer_than_ten_requests_beyond_it_is_left_out()
    {
        TailTurn turn = Tails.Result.Sets[0].Turns[0];
        TailLatencies few = TailLatencies.Of(Of(9_999));
        TailLatencies many = TailLatencies.Of(Of(100_000));

        Assert.NotNull(turn.Tail.P9999);
        Assert.NotNull(few.P99);
        Assert.Null(few.P9999);
        Assert.NotNull(many.P9999);
    }

    [Fact]
    public void What_spoils_the_figures_is_said_with_them()
    {
        TailTurn turn = Tails.Result.Sets[0].Turns[0] with
        {
            Failures = new Dictionary<string, int> { ["connection closed"] = 3 },
            Overrun = TimeSpan.FromSeconds(8),
            Lateness = TimeSpan.FromMilliseconds(290),
            Hiccups = Of(100_000, TimeSpan.FromMilliseconds(30)),
        };

        string[] remarks = [.. TailRows.Remarks(new TailSet(10_000, [turn]), Tails.Options)];

        Assert.Contains("WARNING: stock Kestrel: 3 requests failed: connection closed.", remarks);
        Assert.Contains(remarks, remark => remark.Contains("the last answer came 8.0 s after the end", StringComparison.Ordinal));
        Assert.Contains(remarks, remark => remark.Contains("the client itself was 290.00 ms late once", StringComparison.Ordinal));
        Assert.Contains(remarks, remark => remark.Contains("the machine itself woke a thread 30.00 ms late at p99.9, more than a third", StringComparison.Ordinal));
    }

    [Fact]
    public void The_JSON_holds_every_turn_by_its_side()
    {
        using JsonDocument json = JsonDocument.Parse(ReportJson.Serialize(Tails.Result));
        JsonElement turn = json.RootElement.GetProperty("sets")[0].GetProperty("turns")[2];

        Assert.Equal("Budget", turn.GetProperty("side").GetString());
        Assert.Equal(100_000, turn.GetProperty("requests").GetInt64());
        Assert.Equal("Spent", turn.GetProperty("marks")[2].GetProperty("event").GetString());
        Assert.Equal(250, turn.GetProperty("longestOfSecondMicroseconds").GetArrayLength());
    }

    private static OneShot.LoadTest.Tail.Load.LatencyRecord Of(int requests, TimeSpan? latency = null)
    {
        OneShot.LoadTest.Tail.Load.LatencyRecord record = new();
        for (int i = 0; i < requests; i++)
        {
            record.Add(TimeSpan.Zero, latency ?? TimeSpan.FromMicroseconds(100));
        }

        return record;
    }
}
