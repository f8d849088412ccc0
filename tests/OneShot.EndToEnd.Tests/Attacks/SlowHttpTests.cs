using System.Net;
using Microsoft.AspNetCore.Server.Kestrel.Core;

namespace OneShot.EndToEnd.Tests.Attacks;

/// <summary>slowhttptest in its four modes: fifty connections that are as slow as they can, beside a client that is not.</summary>
public sealed class SlowHttpTests
{
    private const int Attackers = 50;
    private const int Others = 2; // the healthy client's connection and the tool's probe
    private const int Large = 4_000_000;

    // More than the heartbeat's second, which is the least that Kestrel takes.
    private static readonly TimeSpan s_short = TimeSpan.FromSeconds(2);
    private static readonly MinDataRate s_upload = new(bytesPerSecond: 1000, gracePeriod: s_short);

    // A response may take as long as its length allows at this rate: two seconds.
    private static readonly MinDataRate s_download = new(bytesPerSecond: Large / 2, gracePeriod: s_short);

    /// <summary>The mode, and what it asks for.</summary>
    public static TheoryData<string, string> Modes => new()
    {
        { "-H", "hello" },
        { "-B", "hello" },
        { "-X", "large" },
        { "-R", "large" },
    };

    [Theory]
    [MemberData(nameof(Modes))]
    public async Task A_healthy_client_gets_its_answers_and_the_slow_ones_are_ended(string mode, string path)
    {
        Tool.Require("slowhttptest");
        await using WebServer server = await WebServer.StartAsync(ServerKind.FrontPerRequest, Map, kestrel: options =>
        {
            options.Listen(IPAddress.Loopback, 0);
            options.Limits.RequestHeadersTimeout = s_short;
            options.Limits.KeepAliveTimeout = s_short;
            options.Limits.MinRequestBodyDataRate = s_upload;
            options.Limits.MinResponseDataRate = s_download;
        });
        using var stop = new CancellationTokenSource();
        int answers = 0;
        bool ended;

        // Small windows and pauses: a body of 4 MB would take an hour.
        string[] slow = [mode, "-c", $"{Attackers}", "-r", $"{Attackers}", "-i", "1", "-l", "45", "-p", "20", "-w", "10", "-y", "20", "-n", "5", "-z", "32"];
        Task<ToolResult> attack = Tool.RunAsync("slowhttptest", [.. slow, "-u", $"{server.Address}{path}"], stop: stop.Token);
        using (HttpClient client = server.CreateClient())
        using (var pace = new PeriodicTimer(TimeSpan.FromMilliseconds(20)))
        {
            do
            {
                Assert.Equal("hello", await client.GetStringAsync("/hello"));
                answers++;
                ended = server.Connections.Opened >= Attackers + Others && server.Connections.Active <= Others;
            }
            while (!ended && !attack.IsCompleted && await pace.WaitForNextTickAsync());
        }

        if (!ended)
        {
            // The tool ends before its time when it finds all of its connections closed; a slow reader does not find out.
            Assert.Contains("No open connections left", (await attack).Output, StringComparison.Ordinal);
        }

        await stop.CancelAsync();
        await Task.WhenAny(attack); // it ends with its process
        Assert.True(answers > 0);
        await Eventually.TrueAsync(() => server.Connections.Active == 0, () => $"{server.Connections.Active} connections are open");
        Assert.InRange(server.Services.GetRequiredService<ProcessArena>().Used, 0, 4 << 20); // of 64 MiB: some blocks for each connection
        Assert.Empty(server.Log.Errors);
    }

    private static void Map(WebApplication app)
    {
        app.MapMethods("/hello", ["GET", "HEAD"], () => Results.Text("hello"));
        app.MapMethods("/large", ["GET", "HEAD"], () => Results.Bytes(new byte[Large], "application/octet-stream", enableRangeProcessing: true));
        app.MapPost("/hello", async context =>
        {
            using var reader = new StreamReader(context.Request.Body);
            await context.Response.WriteAsync(await reader.ReadToEndAsync());
        });
    }
}
