using System.Globalization;
using System.Text.Json;
using System.Xml.Linq;
using OneShot.LoadTest.Drill;
using OneShot.LoadTest.Report;
using OneShot.LoadTest.Tail;
using OneShot.LoadTest.Tail.Targets;
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
    public void Restarts_of_replicas_are_counted_and_marked_and_what_went_wrong_with_them_is_said()
    {
        TailTurn turn = Tails.Result.Sets[0].Turns[2] with
        {
            Replicas = new ReplicaTurn(
                [new Restart(1, TimeSpan.FromSeconds(90), TimeSpan.FromSeconds(100), 0, TimeSpan.Zero, ReplicaPhase.Draining, Killed: false),
                 new Restart(0, TimeSpan.FromSeconds(150), TimeSpan.FromSeconds(200), 134, TimeSpan.Zero, ReplicaPhase.Ready, Killed: false)],
                NoneReady: TimeSpan.FromSeconds(2),
                Retries: 4,
                LostLives: 1),
        };
        TailOptions options = Tails.Options with { Replicas = 2 };
        TailSet set = new(10_000, [turn]);

        string[] remarks = [.. TailRows.Remarks(set, options)];
        string[] texts = [.. XDocument.Parse(TailPlots.Of(set, options).First().Svg).Descendants().Where(element => element.Name.LocalName == "text").Select(element => element.Value)];

        Assert.Equal("2", TailRows.Of(set, options).First()[TailRows.Columns(options).Index().Single(column => column.Item == "restarts").Index]);
        Assert.Equal(TailRows.Columns(options).Count, TailRows.Of(set, options).First().Count);
        Assert.Contains("front + budget 2GiB: 2 restarts, after lives of 1.7 min to 3.3 min.", remarks);
        Assert.Contains("front + budget 2GiB, replica 1: budget spent, collection resumes after 3.2 min.", remarks);
        Assert.Contains("WARNING: front + budget 2GiB: 1 replicas ended without having drained.", remarks);
        Assert.Contains(remarks, remark => remark.Contains("for 2.0 s no replica was in rotation", StringComparison.Ordinal));
        Assert.Contains(remarks, remark => remark.Contains("had to send 4 requests once more", StringComparison.Ordinal));
        Assert.Contains(remarks, remark => remark.Contains("1 processes ended without telling", StringComparison.Ordinal));
        // That it was due is what the restart says.
        Assert.Equal(["replica 1 restarts", "replica 2 restarts", "budget spent"], texts.Where(text => text.Contains("restart", StringComparison.Ordinal) || text.Contains("budget s", StringComparison.Ordinal)).OrderByDescending(text => text[0]).ThenBy(text => text));
        Assert.Contains(TailNotes.Of(Tails.Result with { Options = options }), note => note.StartsWith("2 replicas of each side behind HAProxy", StringComparison.Ordinal));
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
        Assert.Equal(300, turn.GetProperty("machineLongestOfSecondMicroseconds").GetArrayLength());
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
