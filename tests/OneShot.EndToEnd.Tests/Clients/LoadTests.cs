using System.Globalization;
using System.Text.RegularExpressions;

namespace OneShot.EndToEnd.Tests.Clients;

/// <summary>Load generators, for what they count beside the rate: errors.</summary>
public sealed partial class LoadTests
{
    public static TheoryData<ServerKind> Servers => ServerKinds.Fronts;

    [Theory]
    [MemberData(nameof(Servers))]
    public async Task Wrk_sees_no_error(ServerKind kind)
    {
        await using WebServer server = await StartAsync(kind);

        int runs = await RunWrkAsync("-c8", "-d2s", $"{server.Address}describe");

        Assert.InRange(server.ConnectionsUsed, 1, 8 * runs);
        Assert.Empty(server.Log.Errors);
        await Eventually.TrueAsync(() => server.Connections.Active == 0, () => $"{server.Connections.Active} connections are open");
    }

    [Theory]
    [MemberData(nameof(Servers))]
    public async Task Wrk_sees_no_error_with_pipelined_posts(ServerKind kind)
    {
        await using WebServer server = await StartAsync(kind);
        using var folder = new TemporaryFolder();
        string script = folder.Write("pipeline.lua", """
            init = function(args)
              local post = wrk.format("POST", "/echo", { ["Content-Type"] = "text/plain" }, "a body of some bytes")
              local get = wrk.format("GET", "/describe?from=wrk")
              requests = post .. get .. wrk.format("POST", "/ignore", nil, "never read") .. get
            end
            request = function() return requests end
            """);

        int runs = await RunWrkAsync("-c4", "-d1s", "-s", script, server.Address.ToString());

        Assert.InRange(server.ConnectionsUsed, 1, 4 * runs);
        Assert.Empty(server.Log.Errors);
    }

    [Theory]
    [InlineData(ServerKind.Front, false)]
    [InlineData(ServerKind.Front, true)]
    [InlineData(ServerKind.FrontPerRequest, false)]
    [InlineData(ServerKind.FrontPerRequest, true)]
    [InlineData(ServerKind.FrontOnTransport, false)]
    [InlineData(ServerKind.FrontOnTransport, true)]
    public async Task Ab_sees_no_failure_over_http10(ServerKind kind, bool keepAlive)
    {
        await using WebServer server = await StartAsync(kind);
        using var folder = new TemporaryFolder();
        string body = folder.Write("body", new string('b', 20_000));
        string[] ways = keepAlive ? ["-k"] : [];

        string get = (await Tool.RunAsync("ab", ["-q", "-n", "3000", "-c", "8", .. ways, $"{server.Address}describe"])).Succeeded().Output;
        string post = (await Tool.RunAsync("ab", ["-q", "-n", "500", "-c", "4", .. ways, "-p", body, "-T", "text/plain", $"{server.Address}hash"])).Succeeded().Output;

        Assert.Equal((3000, 0, 0), Outcome(get));
        Assert.Equal((500, 0, 0), Outcome(post));
        Assert.Equal(3500, server.Requests);
        Assert.Empty(server.Log.Errors);
        if (keepAlive)
        {
            Assert.Contains("Keep-Alive requests:    3000", get, StringComparison.Ordinal);
        }
    }

    /// <summary>Runs wrk until it has got an answer: on a busy machine its second may pass before the first. Returns the number of runs.</summary>
    private static async Task<int> RunWrkAsync(params string[] arguments)
    {
        for (int run = 1; ; run++)
        {
            string report = (await Tool.RunAsync("wrk", ["-t1", "--timeout", "60s", .. arguments])).Succeeded().Output;

            // Both lines are left out when there is nothing to say.
            Assert.DoesNotContain("Non-2xx", report, StringComparison.Ordinal);
            Assert.DoesNotContain("Socket errors", report, StringComparison.Ordinal);
            if (int.Parse(Requests().Match(report).Groups[1].ValueSpan, CultureInfo.InvariantCulture) > 0)
            {
                return run;
            }

            Assert.True(run < 10, report);
        }
    }

    private static (int Complete, int Failed, int NotOk) Outcome(string report) => (
        int.Parse(Complete().Match(report).Groups[1].ValueSpan, CultureInfo.InvariantCulture),
        int.Parse(Failed().Match(report).Groups[1].ValueSpan, CultureInfo.InvariantCulture),
        NotOk().Match(report) is { Success: true } match ? int.Parse(match.Groups[1].ValueSpan, CultureInfo.InvariantCulture) : 0);

    private static Task<WebServer> StartAsync(ServerKind kind) => WebServer.StartAsync(kind, new ClientApplication().Map);

    [GeneratedRegex(@"(\d+) requests in")]
    private static partial Regex Requests();

    [GeneratedRegex(@"Complete requests:\s+(\d+)")]
    private static partial Regex Complete();

    [GeneratedRegex(@"Failed requests:\s+(\d+)")]
    private static partial Regex Failed();

    [GeneratedRegex(@"Non-2xx responses:\s+(\d+)")]
    private static partial Regex NotOk();
}
