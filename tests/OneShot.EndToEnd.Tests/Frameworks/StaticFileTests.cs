using System.Net;
using System.Net.Http.Headers;

namespace OneShot.EndToEnd.Tests.Frameworks;

public sealed class StaticFileTests : IDisposable
{
    private static readonly DateTime s_written = new(2024, 2, 29, 12, 0, 0, DateTimeKind.Utc);

    private readonly TemporaryFolder _folder = new();
    private readonly byte[] _large = new byte[3_000_000];

    public StaticFileTests()
    {
        new Random(1).NextBytes(_large);
        File.SetLastWriteTimeUtc(_folder.Write("index.html", "<h1>It works</h1>"), s_written);
        File.SetLastWriteTimeUtc(_folder.Write("digits.txt", "0123456789"), s_written);
        File.SetLastWriteTimeUtc(_folder.Write("large.bin", _large), s_written);
        File.SetLastWriteTimeUtc(_folder.Write("empty.txt", ""), s_written);
    }

    public static TheoryData<ServerKind> Servers => ServerKinds.Fronts;

    public void Dispose() => _folder.Dispose();

    [Theory]
    [MemberData(nameof(Servers))]
    public Task Files_come_whole_and_their_heads_without_them(ServerKind kind) => PlayAsync(kind, async client =>
    {
        Assert.Equal("<h1>It works</h1>", await client.GetStringAsync("/"));
        Assert.Equal(_large, await client.GetByteArrayAsync("/large.bin"));
        Assert.Equal("", await client.GetStringAsync("/empty.txt"));
        using HttpResponseMessage head = await SendAsync(client, HttpMethod.Head, "/large.bin");
        using HttpResponseMessage post = await SendAsync(client, HttpMethod.Post, "/large.bin");
        using HttpResponseMessage missing = await client.GetAsync("/%2e%2e/missing.txt");
        using HttpResponseMessage escaping = await client.GetAsync("/..%2f..%2fetc/passwd");

        Assert.Equal("bytes", head.Headers.AcceptRanges.Single());
        Assert.Equal([HttpStatusCode.NotFound, HttpStatusCode.NotFound], [missing.StatusCode, escaping.StatusCode]);
    });

    [Theory]
    [MemberData(nameof(Servers))]
    public Task Ranges_come_in_part(ServerKind kind) => PlayAsync(kind, async client =>
    {
        using HttpResponseMessage middle = await RangeAsync(client, "/digits.txt", "bytes=2-5");
        using HttpResponseMessage end = await RangeAsync(client, "/digits.txt", "bytes=-3");
        using HttpResponseMessage open = await RangeAsync(client, "/large.bin", "bytes=2999990-");
        using HttpResponseMessage beyond = await RangeAsync(client, "/digits.txt", "bytes=10-");
        using HttpResponseMessage many = await RangeAsync(client, "/digits.txt", "bytes=0-1,4-5");
        using HttpResponseMessage nonsense = await RangeAsync(client, "/digits.txt", "bytes=b-a");
        using HttpResponseMessage head = await RangeAsync(client, "/digits.txt", "bytes=2-5", HttpMethod.Head);

        Assert.Equal((HttpStatusCode.PartialContent, "2345"), (middle.StatusCode, await middle.Content.ReadAsStringAsync()));
        Assert.Equal(new ContentRangeHeaderValue(2, 5, 10), middle.Content.Headers.ContentRange);
        Assert.Equal("789", await end.Content.ReadAsStringAsync());
        Assert.Equal(_large[^10..], await open.Content.ReadAsByteArrayAsync());
        Assert.Equal(HttpStatusCode.RequestedRangeNotSatisfiable, beyond.StatusCode);
        Assert.Equal((HttpStatusCode.OK, "0123456789"), (many.StatusCode, await many.Content.ReadAsStringAsync()));
        Assert.Equal([HttpStatusCode.OK, HttpStatusCode.OK], [nonsense.StatusCode, head.StatusCode]);
    });

    [Theory]
    [MemberData(nameof(Servers))]
    public Task What_the_client_has_already_is_not_sent_again(ServerKind kind) => PlayAsync(kind, async client =>
    {
        using HttpResponseMessage first = await client.GetAsync("/digits.txt");
        string tag = first.Headers.ETag!.ToString();
        using HttpResponseMessage unchanged = await SendAsync(client, HttpMethod.Get, "/digits.txt", ("If-None-Match", tag));
        using HttpResponseMessage unchangedHead = await SendAsync(client, HttpMethod.Head, "/digits.txt", ("If-None-Match", tag));
        using HttpResponseMessage since = await SendAsync(client, HttpMethod.Get, "/digits.txt", ("If-Modified-Since", s_written.ToString("R")));
        using HttpResponseMessage other = await SendAsync(client, HttpMethod.Get, "/digits.txt", ("If-None-Match", "\"other\""));
        using HttpResponseMessage failed = await SendAsync(client, HttpMethod.Get, "/digits.txt", ("If-Match", "\"other\""));
        using HttpResponseMessage part = await SendAsync(client, HttpMethod.Get, "/digits.txt", ("If-Range", tag), ("Range", "bytes=0-0"));
        using HttpResponseMessage whole = await SendAsync(client, HttpMethod.Get, "/digits.txt", ("If-Range", "\"other\""), ("Range", "bytes=0-0"));

        Assert.Equal(
            [HttpStatusCode.NotModified, HttpStatusCode.NotModified, HttpStatusCode.NotModified],
            [unchanged.StatusCode, unchangedHead.StatusCode, since.StatusCode]);
        Assert.Equal([HttpStatusCode.OK, HttpStatusCode.PreconditionFailed], [other.StatusCode, failed.StatusCode]);
        Assert.Equal(("0", "0123456789"), (await part.Content.ReadAsStringAsync(), await whole.Content.ReadAsStringAsync()));
    });

    [Theory]
    [MemberData(nameof(Servers))]
    public async Task Curl_asks_for_ranges_and_continues_a_download(ServerKind kind)
    {
        await using WebServer server = await WebServer.StartAsync(kind, app => app.UseStaticFiles(), webRoot: _folder.Path);
        using var downloads = new TemporaryFolder();
        string begun = downloads.Write("large.bin", _large[..1_234_567]);
        string[] quiet = ["--silent", "--show-error", "--noproxy", "*", "--max-time", "40"];

        ToolResult part = await Tool.RunAsync("curl", [.. quiet, "--range", "100-199", $"{server.Address}large.bin"]);
        ToolResult rest = await Tool.RunAsync("curl", [.. quiet, "--continue-at", "-", "--output", begun, $"{server.Address}large.bin"]);

        Assert.Equal(_large[100..200], part.Succeeded().Bytes);
        rest.Succeeded();
        Assert.Equal(_large, await File.ReadAllBytesAsync(begun));
    }

    private Task PlayAsync(ServerKind kind, Func<HttpClient, Task> script) => new Scenario(
        app =>
        {
            app.UseDefaultFiles();
            app.UseStaticFiles();
        },
        script)
    {
        WebRoot = _folder.Path,
    }.CompareAsync(kind);

    private static Task<HttpResponseMessage> RangeAsync(HttpClient client, string path, string range, HttpMethod? method = null) =>
        SendAsync(client, method ?? HttpMethod.Get, path, ("Range", range));

    private static async Task<HttpResponseMessage> SendAsync(
        HttpClient client, HttpMethod method, string path, params (string Name, string Value)[] headers)
    {
        using var request = new HttpRequestMessage(method, path);
        foreach ((string name, string value) in headers)
        {
            request.Headers.TryAddWithoutValidation(name, value);
        }

        return await client.SendAsync(request);
    }
}
