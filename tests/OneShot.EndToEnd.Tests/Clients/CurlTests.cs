using System.Security.Cryptography;

namespace OneShot.EndToEnd.Tests.Clients;

/// <summary>curl, over every way it has of saying the same thing in HTTP/1.x.</summary>
public sealed class CurlTests
{
    private const string Connects = "\n%{num_connects} %{http_version} %{response_code}\n";

    public static TheoryData<ServerKind> Servers => ServerKinds.Fronts;

    [Theory]
    [MemberData(nameof(Servers))]
    public async Task Http10_is_answered_and_the_connection_closed_or_kept_as_asked(ServerKind kind)
    {
        await using WebServer server = await StartAsync(kind);
        string url = $"{server.Address}describe";

        string closed = await Curl.OutputAsync("--http1.0", "--include", url);
        string kept = await Curl.OutputAsync("--http1.0", "--include", "-H", "Connection: keep-alive", "-w", Connects, url, url);

        Assert.StartsWith("HTTP/1.1 200 OK\r\n", closed, StringComparison.Ordinal);
        Assert.Contains("Connection: close\r\n", closed, StringComparison.Ordinal);
        Assert.EndsWith($"\r\n\r\nGET /describe HTTP/1.0 http {server.Address.Authority} ", closed, StringComparison.Ordinal);
        Assert.Equal(2, Count(kept, "Connection: keep-alive\r\n"));
        Assert.EndsWith("0 1.1 200\n", kept, StringComparison.Ordinal);
    }

    [Theory]
    [MemberData(nameof(Servers))]
    public async Task A_response_of_unknown_length_ends_with_the_connection_on_http10(ServerKind kind)
    {
        await using WebServer server = await StartAsync(kind);

        ToolResult result = await Curl.RunAsync(null, "--http1.0", $"{server.Address}bytes/1000000");

        Assert.Equal(ClientApplication.Bytes(1_000_000), result.Succeeded().Bytes);
    }

    [Theory]
    [MemberData(nameof(Servers))]
    public async Task A_hundred_requests_go_over_one_connection(ServerKind kind)
    {
        await using WebServer server = await StartAsync(kind);

        // curl's own globbing: one process, a hundred targets.
        string output = await Curl.OutputAsync("-w", Connects, $"{server.Address}describe?[1-100]");

        Assert.Equal(100, Count(output, " 1.1 200\n"));
        Assert.Equal(1, Count(output, "\n1 1.1 200\n"));
        Assert.Contains("GET /describe?100 ", output, StringComparison.Ordinal);
        Assert.Equal((100, 1L), (server.Requests, server.Connections.Opened));
    }

    [Theory]
    [MemberData(nameof(Servers))]
    public async Task Different_requests_follow_each_other_on_one_connection(ServerKind kind)
    {
        await using WebServer server = await StartAsync(kind);

        string output = await Curl.OutputAsync(
            "--head", $"{server.Address}describe",
            "--next", "--silent", "-d", "a=b", $"{server.Address}echo",
            "--next", "--silent", "-H", "Transfer-Encoding: chunked", "-d", "chunked", $"{server.Address}echo",
            "--next", "--silent", "-d", "unread", $"{server.Address}ignore",
            "--next", "--silent", "--request", "OPTIONS", "--request-target", "*", server.Address.ToString(),
            "--next", "--silent", "-H", "Connection: close", "-w", Connects, $"{server.Address}hello");

        Assert.StartsWith("HTTP/1.1 200 OK\r\n", output, StringComparison.Ordinal);
        Assert.EndsWith("a=bchunkedignoredhello\n0 1.1 200\n", output, StringComparison.Ordinal);
        Assert.Equal(1, server.Connections.Opened);
    }

    [Theory]
    [MemberData(nameof(Servers))]
    public async Task An_upload_from_a_pipe_goes_in_chunks(ServerKind kind)
    {
        await using WebServer server = await StartAsync(kind);
        byte[] bytes = ClientApplication.Bytes(5_000_000);

        ToolResult piped = await Curl.RunAsync(bytes, "--request", "POST", "--upload-file", "-", $"{server.Address}hash");
        ToolResult asked = await Curl.RunAsync(bytes, "-H", "Transfer-Encoding: chunked", "--data-binary", "@-", $"{server.Address}hash");

        Assert.Equal(Convert.ToHexString(SHA256.HashData(bytes)), piped.Succeeded().Output);
        Assert.Equal(piped.Output, asked.Succeeded().Output);
    }

    [Theory]
    [MemberData(nameof(Servers))]
    public async Task A_large_upload_waits_for_100_continue(ServerKind kind)
    {
        await using WebServer server = await StartAsync(kind);
        byte[] bytes = ClientApplication.Bytes(5_000_000);
        string[] expecting = ["--verbose", "--expect100-timeout", "30", "-H", "Expect: 100-continue", "--data-binary", "@-"];

        ToolResult wanted = await Curl.RunAsync(bytes, [.. expecting, $"{server.Address}hash"]);
        ToolResult refused = await Curl.RunAsync(bytes, [.. expecting, "-w", "%{response_code} %{size_upload}", $"{server.Address}refuse"]);
        ToolResult http10 = await Curl.RunAsync(bytes, ["--http1.0", .. expecting, "--expect100-timeout", "0.01", $"{server.Address}hash"]);

        Assert.Equal(Convert.ToHexString(SHA256.HashData(bytes)), wanted.Succeeded().Output);
        Assert.Contains("< HTTP/1.1 100 Continue", wanted.Error, StringComparison.Ordinal);
        Assert.Equal("401 0", refused.Succeeded().Output);
        Assert.Equal(wanted.Output, http10.Succeeded().Output);
        Assert.DoesNotContain("100 Continue", http10.Error, StringComparison.Ordinal);
    }

    [Theory]
    [MemberData(nameof(Servers))]
    public async Task An_upgrade_gives_the_raw_connection(ServerKind kind)
    {
        await using WebServer server = await StartAsync(kind);
        string[] upgrade = ["--http1.1", "--include", "-H", "Connection: keep-alive, Upgrade", "-H", "Upgrade: raw"];

        ToolResult upgraded = await Curl.RunAsync(null, [.. upgrade, $"{server.Address}upgrade"]);
        string declined = await Curl.OutputAsync([.. upgrade, $"{server.Address}hello"]);

        Assert.StartsWith("HTTP/1.1 101 Switching Protocols\r\n", upgraded.Output, StringComparison.Ordinal);
        Assert.EndsWith("\r\n\r\nraw bytes", upgraded.Output, StringComparison.Ordinal);
        Assert.StartsWith("HTTP/1.1 200 OK\r\n", declined, StringComparison.Ordinal);
    }

    [Theory]
    [MemberData(nameof(Servers))]
    public async Task Dots_and_odd_targets_arrive_as_they_should(ServerKind kind)
    {
        await using WebServer server = await StartAsync(kind);

        string dots = await Curl.OutputAsync($"{server.Address}a/../x/%2e%2e/./describe?q=%00%ff");
        string asIs = await Curl.OutputAsync("--path-as-is", $"{server.Address}a/../describe");
        string absolute = await Curl.OutputAsync("--request-target", $"{server.Address}describe", server.Address.ToString());
        string proxied = await Curl.OutputAsync("--noproxy", "", "--proxy", server.Address.ToString(), "http://example.org/describe");

        Assert.Equal($"GET /describe?q=%00%ff HTTP/1.1 http {server.Address.Authority} ", dots);
        Assert.Equal($"GET /describe HTTP/1.1 http {server.Address.Authority} ", asIs);
        Assert.Equal(asIs, absolute);
        Assert.Equal("GET /describe HTTP/1.1 http example.org ", proxied);
    }

    [Theory]
    [MemberData(nameof(Servers))]
    public async Task Large_heads_are_taken_up_to_the_limit_and_refused_beyond_it(ServerKind kind)
    {
        await using WebServer server = await StartAsync(kind);
        const string Status = "%{stderr}%{response_code}";

        ToolResult large = await Curl.RunAsync(null, "-w", Status, "-H", $"X-Probe: {new string('x', 30_000)}", $"{server.Address}hello");
        ToolResult larger = await Curl.RunAsync(null, "-w", Status, "-H", $"X-Probe: {new string('x', 40_000)}", $"{server.Address}hello");
        ToolResult many = await Curl.RunAsync(null, ["-w", Status, .. Enumerable.Range(0, 101).SelectMany(i => new[] { "-H", $"X-{i}: 1" }), $"{server.Address}hello"]);
        ToolResult target = await Curl.RunAsync(null, "-w", Status, $"{server.Address}{new string('x', 9_000)}");

        Assert.Equal(["200", "431", "431", "414"], [large.Error, larger.Error, many.Error, target.Error]);
    }

    private static int Count(string text, string part) => text.Split(part).Length - 1;

    private static Task<WebServer> StartAsync(ServerKind kind) => WebServer.StartAsync(kind, new ClientApplication().Map);
}
