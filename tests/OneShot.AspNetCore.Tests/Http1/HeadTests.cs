using System.Globalization;
using System.Text;
using Microsoft.AspNetCore.Http.Features;
using OneShot.AspNetCore.Tests.Http1.Transport;

namespace OneShot.AspNetCore.Tests.Http1;

/// <summary>What the application sees of a head, and that it sees the same however the bytes arrive.</summary>
public sealed class HeadTests
{
    private static readonly string s_folder = Path.Combine(AppContext.BaseDirectory, "Data", "heads");

    public static TheoryData<string> Heads =>
        [.. Directory.EnumerateFiles(s_folder, "*.http").Select(file => Path.GetFileName(file)).Order(StringComparer.Ordinal)];

    /// <summary>Everything there is to see, by spans and by strings.</summary>
    private static async Task Describe(HttpContext context)
    {
        var text = new StringBuilder();
        IHttpRequestFeature request = context.Features.Get<IHttpRequestFeature>()!;
        text.Append(CultureInfo.InvariantCulture, $"{request.Method} {request.RawTarget} {request.Path}|{request.QueryString}|{request.Protocol}\n");
        foreach ((ReadOnlySpan<byte> name, ReadOnlySpan<byte> value) in context.HeaderSpans)
        {
            text.Append(CultureInfo.InvariantCulture, $"{Encoding.UTF8.GetString(name)}: {Encoding.UTF8.GetString(value)}\n");
        }

        foreach ((string name, var value) in context.Request.Headers)
        {
            text.Append(CultureInfo.InvariantCulture, $"{name}= {value}\n");
        }

        await context.Request.Body.CopyToAsync(Stream.Null);
        byte[] bytes = Encoding.UTF8.GetBytes(text.ToString());
        context.Response.ContentLength = bytes.Length;
        await context.Response.Body.WriteAsync(bytes);
    }

    [Theory]
    [MemberData(nameof(Heads))]
    public async Task A_real_head_split_at_any_byte_gives_the_application_the_same(string name)
    {
        byte[] head = await File.ReadAllBytesAsync(Path.Combine(s_folder, name));
        string text = Encoding.Latin1.GetString(head);
        bool closes = text.Contains("Connection: close", StringComparison.Ordinal);
        byte[] request = [.. head, .. BodyFor(text)];
        await using FrontServer server = await FrontServer.StartAsync(Describe);

        string expected = await WholeAsync(server, request);
        foreach (string line in text.Split("\r\n").Skip(1).Where(line => line.Length > 0))
        {
            Assert.Contains(line + "\n", expected, StringComparison.Ordinal);
        }

        InMemoryConnection client = server.Connect();
        for (int split = 1; split < request.Length; split++)
        {
            await client.SendAsync(request.AsMemory(0, split));
            await client.SendAsync(request.AsMemory(split));
            Assert.Equal(expected, (await client.ReadResponseAsync()).Text);
            if (closes)
            {
                await client.DisposeAsync();
                client = server.Connect();
            }
        }

        for (int i = 0; i < request.Length; i++)
        {
            await client.SendAsync(request.AsMemory(i, 1));
        }

        Assert.Equal(expected, (await client.ReadResponseAsync()).Text);
        await client.DisposeAsync();
    }

    private static async Task<string> WholeAsync(FrontServer server, byte[] request)
    {
        await using InMemoryConnection client = server.Connect();
        await client.SendAsync(request);
        return (await client.ReadResponseAsync()).Text;
    }

    private static byte[] BodyFor(string head) =>
        head.Contains("Transfer-Encoding: chunked", StringComparison.Ordinal) ? "2\r\n{}\r\n0\r\n\r\n"u8.ToArray()
        : head.Contains("Content-Length: 7", StringComparison.Ordinal) ? "1234567"u8.ToArray()
        : [];

    [Theory]
    [InlineData("/a%20b/../c?q=%20", "/c", "?q=%20")]
    [InlineData("http://a/x?y", "/x", "?y")]
    [InlineData("http://a", "/", "")]
    [InlineData("/a/%2e%2E/b%2Fc", "/b%2Fc", "")]
    [InlineData("/%zz", "/%zz", "")]
    [InlineData("/%C3%A4", "/\u00e4", "")]
    public async Task Targets_are_decoded_as_Kestrel_does_and_kept_as_they_were_sent(string target, string path, string query)
    {
        string? raw = null;
        await using FrontServer server = await FrontServer.StartAsync(async context =>
        {
            raw = context.Features.Get<IHttpRequestFeature>()!.RawTarget;
            await context.Response.WriteAsync($"{context.Request.Path.Value}|{context.Request.QueryString.Value}");
        });
        await using InMemoryConnection client = server.Connect();

        Assert.Equal($"{path}|{query}", (await client.RoundTripAsync($"GET {target} HTTP/1.1\r\nHost: a\r\n\r\n")).Text);
        Assert.Equal(target, raw);
    }

    [Fact]
    public async Task A_head_that_straddles_segments_and_is_followed_by_others_is_found()
    {
        string large = $"GET /1 HTTP/1.1\r\nHost: a\r\nX: {new string('x', 20_000)}\r\nY: {new string('y', 9_000)}\r\n\r\n";
        await using FrontServer server = await FrontServer.StartAsync(context =>
            context.Response.WriteAsync($"{context.HeaderSpans["x"u8].Length} {context.HeaderSpans["y"u8].Length}"));
        await using InMemoryConnection client = server.Connect();

        await client.SendAsync(large + large + "GET /2 HTTP/1.1\r\nHost: a\r\n\r\n");

        Assert.Equal("20000 9000", (await client.ReadResponseAsync()).Text);
        Assert.Equal("20000 9000", (await client.ReadResponseAsync()).Text);
        Assert.Equal("0 0", (await client.ReadResponseAsync()).Text);
    }

    [Fact]
    public async Task Headers_that_middleware_changes_are_changed_for_this_request_only()
    {
        await using FrontServer server = await FrontServer.StartAsync(async context =>
        {
            string before = context.Request.Headers["X-A"].ToString();
            context.Request.Headers["X-A"] = "changed";
            context.Request.Headers["X-New"] = "new";
            await context.Response.WriteAsync($"{before} {context.Request.Headers["x-a"]} {context.Request.Headers.ContainsKey("X-New")}");
        });
        await using InMemoryConnection client = server.Connect();

        for (int i = 0; i < 2; i++)
        {
            Assert.Equal($"sent{i} changed True", (await client.RoundTripAsync($"GET / HTTP/1.1\r\nHost: a\r\nX-A: sent{i}\r\n\r\n")).Text);
        }
    }
}
