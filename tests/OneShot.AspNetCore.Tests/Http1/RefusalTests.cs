using OneShot.AspNetCore.Tests.Http1.Transport;

namespace OneShot.AspNetCore.Tests.Http1;

/// <summary>Every refusal: its status, the closed connection, nothing of the application run, nothing of what follows served.</summary>
public sealed class RefusalTests
{
    public static TheoryData<string, int, string> Refused => new()
    {
        { "no version", 400, "GET /\r\nHost: a\r\n\r\n" },
        { "garbage", 400, "\x01\x02\x03\r\n\r\n" },
        { "method no token", 400, "G@T / HTTP/1.1\r\nHost: a\r\n\r\n" },
        { "two spaces before target", 400, "GET  / HTTP/1.1\r\nHost: a\r\n\r\n" },
        { "NUL in target", 400, "GET /\0 HTTP/1.1\r\nHost: a\r\n\r\n" },
        { "raw non-ASCII in target", 400, "GET /\u00e4 HTTP/1.1\r\nHost: a\r\n\r\n" },
        { "encoded NUL in path", 400, "GET /%00 HTTP/1.1\r\nHost: a\r\n\r\n" },
        { "asterisk without OPTIONS", 400, "GET * HTTP/1.1\r\nHost: a\r\n\r\n" },
        { "whitespace before the colon", 400, "GET / HTTP/1.1\r\nHost : a\r\n\r\n" },
        { "obs-fold", 400, "GET / HTTP/1.1\r\nHost: a\r\nX: 1\r\n 2\r\n\r\n" },
        { "empty name", 400, "GET / HTTP/1.1\r\nHost: a\r\n: 1\r\n\r\n" },
        { "no colon", 400, "GET / HTTP/1.1\r\nHost: a\r\nX\r\n\r\n" },
        { "bare CR in a value", 400, "GET / HTTP/1.1\r\nHost: a\r\nX: 1\r2\r\n\r\n" },
        { "bare LF as line end", 400, "GET / HTTP/1.1\nHost: a\n\n" },
        { "NUL in a value", 400, "GET / HTTP/1.1\r\nHost: a\r\nX: \0\r\n\r\n" },
        { "control character in a value", 400, "GET / HTTP/1.1\r\nHost: a\r\nX: \x07\r\n\r\n" },
        { "value that is no UTF-8", 400, "GET / HTTP/1.1\r\nHost: a\r\nX: \u00ff\r\n\r\n" },
        { "name no token", 400, "GET / HTTP/1.1\r\nHost: a\r\nX(: 1\r\n\r\n" },
        { "no Host", 400, "GET / HTTP/1.1\r\n\r\n" },
        { "two Hosts", 400, "GET / HTTP/1.1\r\nHost: a\r\nHost: a\r\n\r\n" },
        { "empty Host", 400, "GET / HTTP/1.1\r\nHost:\r\n\r\n" },
        { "invalid Host", 400, "GET / HTTP/1.1\r\nHost: a/b\r\n\r\n" },
        { "authority differs from Host", 400, "GET http://b/ HTTP/1.1\r\nHost: a\r\n\r\n" },
        { "length and transfer coding", 400, "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n" },
        { "differing lengths", 400, "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\nContent-Length: 4\r\n\r\nabcd" },
        { "equal lengths twice", 400, "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\nContent-Length: 3\r\n\r\nabc" },
        { "a list of lengths", 400, "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 3, 3\r\n\r\nabc" },
        { "a signed length", 400, "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: +3\r\n\r\nabc" },
        { "a length that overflows", 400, "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 9223372036854775808\r\n\r\n" },
        { "chunked not last", 400, "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked, gzip\r\n\r\n" },
        { "no chunked at all", 400, "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: gzip\r\n\r\n" },
        { "chunked twice", 400, "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked, chunked\r\n\r\n0\r\n\r\n" },
        { "transfer coding on HTTP/1.0", 400, "POST / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n" },
        { "POST without length on HTTP/1.0", 400, "POST / HTTP/1.0\r\n\r\n" },
        { "a coding nobody knows", 501, "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n" },
        { "HTTP/2.0 as text", 505, "GET / HTTP/2.0\r\nHost: a\r\n\r\n" },
        { "a version without a minor number", 400, "GET / HTTP/1\r\nHost: a\r\n\r\n" },
        { "a version that breaks off", 400, "GET / HTTP/1.\r\nHost: a\r\n\r\n" },
        { "a version of two digits", 400, "GET / HTTP/01.01\r\nHost: a\r\n\r\n" },
        { "a method that never ends", 501, new string('A', 8192) },
        { "HTTP/1.2", 505, "GET / HTTP/1.2\r\nHost: a\r\n\r\n" },
        { "unknown expectation", 417, "POST / HTTP/1.1\r\nHost: a\r\nExpect: 200-ok\r\nContent-Length: 1\r\n\r\na" },
        { "request line too long", 414, $"GET /{new string('a', 8192)} HTTP/1.1\r\nHost: a\r\n\r\n" },
        { "request line that never ends", 414, $"GET /{new string('a', 20000)}" },
        { "headers too large", 431, $"GET / HTTP/1.1\r\nHost: a\r\nX: {new string('a', 33000)}\r\n\r\n" },
        { "header that never ends", 431, $"GET / HTTP/1.1\r\nHost: a\r\nX: {new string('a', 70000)}" },
        { "too many headers", 431, $"GET / HTTP/1.1\r\nHost: a\r\n{string.Concat(Enumerable.Repeat("X: 1\r\n", 100))}\r\n" },
    };

    [Theory]
    [MemberData(nameof(Refused))]
    public async Task A_request_that_is_refused_never_reaches_the_application_and_ends_the_connection(string because, int status, string request)
    {
        await using FrontServer server = await FrontServer.StartAsync(_ => Task.CompletedTask);
        await using InMemoryConnection client = server.Connect();

        await client.SendAsync(request + "GET /smuggled HTTP/1.1\r\nHost: a\r\n\r\n");
        RawResponse response = await client.ReadResponseAsync();

        Assert.True(status == response.Status, $"{because}: expected {status}, got {response.Status}.");
        Assert.True(response.SaysClose);
        Assert.Equal("0", response["Content-Length"]);
        Assert.True(await client.IsClosedByServerAsync());
        Assert.Equal(0, server.Requests);
    }

    [Theory]
    [InlineData("X: \u00ff\r\nContent-Length: x\r\n", "UndecodableValue")]
    [InlineData("Content-Length: x\r\nX: \u00ff\r\n", "InvalidContentLength")]
    [InlineData("X: \u00ff\r\nContent-Length: x\r\n\r\n", "UndecodableValue")]
    [InlineData("Content-Length: x\r\nX: \u00ff\r\n\r\n", "InvalidContentLength")]
    [InlineData("X: \u00ff\r\nno colon\r\n", "UndecodableValue")]
    public async Task Of_several_faults_the_first_lines_counts(string lines, string reason)
    {
        await using FrontServer server = await FrontServer.StartAsync(_ => Task.CompletedTask);
        await using InMemoryConnection client = server.Connect();

        await client.SendAsync($"GET / HTTP/1.1\r\nHost: a\r\n{lines}");
        RawResponse response = await client.ReadResponseAsync();

        Assert.Equal(400, response.Status);
        Assert.Single(server.Log.Entries, entry => entry.Event.Name == reason);
    }

    [Theory]
    [InlineData("GET / HTTP/1.1\r\nHo")]
    [InlineData("G")]
    public async Task A_head_that_breaks_off_is_400(string fragment)
    {
        await using FrontServer server = await FrontServer.StartAsync(_ => Task.CompletedTask);
        await using InMemoryConnection client = server.Connect();

        await client.SendAsync(fragment);
        await client.FinishSendingAsync();

        Assert.Equal(400, (await client.ReadResponseAsync()).Status);
        Assert.True(await client.IsClosedByServerAsync());
        Assert.Equal(0, server.Requests);
    }

    [Fact]
    public async Task A_refused_request_after_a_good_one_leaves_the_good_ones_answer_alone()
    {
        await using FrontServer server = await FrontServer.StartAsync(context => context.Response.WriteAsync("good"));
        await using InMemoryConnection client = server.Connect();

        await client.SendAsync("GET / HTTP/1.1\r\nHost: a\r\n\r\nGET / HTTP/1.1\r\n\r\n");

        Assert.Equal("good", (await client.ReadResponseAsync()).Text);
        Assert.Equal(400, (await client.ReadResponseAsync()).Status);
        Assert.True(await client.IsClosedByServerAsync());
        Assert.Equal(1, server.Requests);
    }

    [Theory]
    [InlineData("Content-Length: 101\r\n\r\n")]
    [InlineData("Transfer-Encoding: chunked\r\n\r\n65\r\n")]
    [InlineData("Transfer-Encoding: chunked\r\n\r\n30\r\n012345678901234567890123456789012345678901234567\r\n30\r\n")]
    public async Task A_body_over_the_limit_is_413_at_its_first_read(string rest)
    {
        int reads = 0;
        await using FrontServer server = await FrontServer.StartAsync(
            async context =>
            {
                while (await context.Request.Body.ReadAsync(new byte[1024]) > 0)
                {
                    reads++;
                }

                reads = 1000;
            },
            kestrel: options => options.Limits.MaxRequestBodySize = 100);
        await using InMemoryConnection client = server.Connect();

        RawResponse response = await client.RoundTripAsync("POST / HTTP/1.1\r\nHost: a\r\n" + rest);

        Assert.Equal(413, response.Status);
        Assert.True(response.SaysClose);
        Assert.True(await client.IsClosedByServerAsync());
        Assert.NotEqual(1000, reads);
    }

    [Fact]
    public async Task The_application_may_raise_the_body_limit_before_it_reads()
    {
        await using FrontServer server = await FrontServer.StartAsync(
            async context =>
            {
                var limit = context.Features.Get<Microsoft.AspNetCore.Http.Features.IHttpMaxRequestBodySizeFeature>()!;
                limit.MaxRequestBodySize = null;
                using var body = new MemoryStream();
                await context.Request.Body.CopyToAsync(body);
                await context.Response.WriteAsync($"{body.Length} {limit.IsReadOnly}");
            },
            kestrel: options => options.Limits.MaxRequestBodySize = 1);
        await using InMemoryConnection client = server.Connect();

        RawResponse response = await client.RoundTripAsync("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nabcde");

        Assert.Equal("5 True", response.Text);
    }
}
