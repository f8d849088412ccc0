using System.Text.Json;
using OneShot.LoadTest.Compare;
using OneShot.LoadTest.Gateway;
using OneShot.LoadTest.Report;
using OneShot.LoadTest.Tests.Gateway;

namespace OneShot.LoadTest.Tests.Report;

public class GatewayReportTests
{
    [Fact]
    public void The_page_reads_as_it_was_approved() =>
        Golden.AssertEqual("gateway.md", GatewayMarkdown.Page(Gateways.Result, "report").ToString());

    [Fact]
    public void The_table_reads_as_it_was_approved() =>
        Golden.AssertEqual("gateway.txt", PlainConsole.Write(console => GatewayTable.Write(console, Gateways.Result)));

    [Fact]
    public void The_JSON_holds_every_run_by_its_side_and_no_token()
    {
        string text = ReportJson.Serialize(Gateways.Result);
        using JsonDocument json = JsonDocument.Parse(text);
        JsonElement route = json.RootElement.GetProperty("routes")[0];

        Assert.Equal("proxied", route.GetProperty("route").GetProperty("name").GetString());
        Assert.Equal("all", route.GetProperty("rounds")[1].GetProperty("runs")[2].GetProperty("side").GetProperty("name").GetString());
        Assert.Equal(110, route.GetProperty("sides")[0].GetProperty("cpuMicroseconds").GetDouble());
        Assert.DoesNotContain("Bearer", text, StringComparison.Ordinal);
    }

    [Fact]
    public void What_spoils_the_figures_is_said_with_them()
    {
        string[] notes = [.. GatewayNotes.Of(Gateways.Result with { HeadersChange = false, Machine = Gateways.Result.Machine with { DebugBuild = true } })];

        Assert.Contains(notes, note => note.StartsWith("Every request carries the same token", StringComparison.Ordinal));
        Assert.Contains(notes, note => note.StartsWith("WARNING: the gateway is a Debug build", StringComparison.Ordinal));
    }

    [Fact]
    public void An_arena_that_was_full_is_told_with_its_route()
    {
        RouteResult route = Gateways.Result.Routes[1];
        Run run = route.Rounds[0].Runs[2];
        Round full = new([.. route.Rounds[0].Runs.SkipLast(1), run with { Cost = run.Cost with { Memory = run.Cost.Memory! with { ArenaFull = true } } }]);
        GatewayResult result = Gateways.Result with { Routes = [Gateways.Result.Routes[0], route with { Rounds = [full, route.Rounds[1]] }] };

        Assert.DoesNotContain(GatewayNotes.Of(Gateways.Result), note => note.Contains("arena", StringComparison.Ordinal));
        Assert.StartsWith("WARNING: on the route 'local' the arena has run full", Assert.Single(GatewayNotes.Of(result), note => note.Contains("arena", StringComparison.Ordinal)), StringComparison.Ordinal);
    }
}
