using System.Text;
using OneShot.AspNetCore.Requests;
using OneShot.AspNetCore.Tests.Http1;
using OneShot.AspNetCore.Tests.Http1.Transport;

namespace OneShot.AspNetCore.Tests.Requests.Heads;

/// <summary>Heads as no well-behaved client sends them, to the front.</summary>
public sealed class HeadSpansWireTests
{
    [Theory]
    [InlineData("GET /%61%2e%2E/../b%2Fc?x HTTP/1.1", "GET|/%61%2e%2E/../b%2Fc?x|/b%2Fc|x")]
    [InlineData("GET /a/./../%c3%a4 HTTP/1.1", "GET|/a/./../%c3%a4|/\u00E4|")]
    [InlineData("GET /a%ff%zz% HTTP/1.1", "GET|/a%ff%zz%|/a%ff%zz%|")]
    [InlineData("GET http://a HTTP/1.1", "GET|http://a|/|")]
    [InlineData("GET http://a?x=1 HTTP/1.1", "GET|http://a?x=1|/|x=1")]
    [InlineData("GET http://a/b%20c?x=/d HTTP/1.1", "GET|http://a/b%20c?x=/d|/b c|x=/d")]
    [InlineData("OPTIONS * HTTP/1.1", "OPTIONS|*||")]
    [InlineData("FOO /?a?b&&%00 HTTP/1.1", "FOO|/?a?b&&%00|/|a?b&&%00")]
    [InlineData("\r\n\r\nPATCH /a HTTP/1.1", "PATCH|/a|/a|")]
    public async Task Every_form_of_target_is_taken_apart_as_the_framework_has_it(string line, string expected)
    {
        await using FrontServer server = await FrontServer.StartAsync(async context => await context.Response.WriteAsync(Read(context)));
        await using InMemoryConnection client = server.Connect();

        Assert.Equal(expected + "|True", (await client.RoundTripAsync($"{line}\r\nHost: a\r\n\r\n")).Text);

        static string Read(HttpContext context)
        {
            string path = Encoding.UTF8.GetString(context.PathSpan);
            string query = Encoding.ASCII.GetString(context.QuerySpans.Raw);
            bool isSame = path == context.Request.Path.Value && "?" + query == (context.Request.QueryString.HasValue ? context.Request.QueryString.Value : "?");
            return $"{Encoding.ASCII.GetString(context.MethodSpan)}|{Encoding.ASCII.GetString(context.TargetSpan)}|{path}|{query}|{isSame}";
        }
    }

    [Theory]
    [InlineData("Authorization: Bearer a\r\nAuthorization: Bearer b\r\n", "/none")]
    [InlineData("Authorization: Bearer a\r\n", "a/none")]
    [InlineData("Traceparent: 00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01\r\nTraceParent: 00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01\r\n", "/none")]
    [InlineData("Traceparent: 00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01\r\n", "/some")]
    public async Task Of_two_lines_where_one_is_allowed_neither_counts(string lines, string expected)
    {
        await using FrontServer server = await FrontServer.StartAsync(async context => await context.Response.WriteAsync(Read(context)));
        await using InMemoryConnection client = server.Connect();

        Assert.Equal(expected, (await client.RoundTripAsync($"GET / HTTP/1.1\r\nHost: a\r\n{lines}\r\n")).Text);

        static string Read(HttpContext context) => $"{Encoding.ASCII.GetString(context.BearerToken)}/{(context.TraceParent.IsPresent ? "some" : "none")}";
    }

    [Fact]
    public async Task Cookies_of_several_lines_are_one_set()
    {
        await using FrontServer server = await FrontServer.StartAsync(async context => await context.Response.WriteAsync(Read(context)));
        await using InMemoryConnection client = server.Connect();

        Assert.Equal("1 3 5", (await client.RoundTripAsync("GET / HTTP/1.1\r\nHost: a\r\nCookie: a=1; b=\r\nX: y\r\nCookie: c=3; a=4\r\nCookie: d=5\r\n\r\n")).Text);

        static string Read(HttpContext context) =>
            $"{Encoding.ASCII.GetString(context.CookieSpans["a"u8])} {Encoding.ASCII.GetString(context.CookieSpans["c"u8])} {Encoding.ASCII.GetString(context.CookieSpans["d"u8])}";
    }

    /// <summary>The arena is not asked for by who reads what needs no decoding: a WebSocket that was let in by its query gives it back by itself.</summary>
    [Fact]
    public async Task What_needs_no_decoding_does_not_take_the_arena()
    {
        await using FrontServer server = await FrontServer.StartAsync(async context =>
        {
            _ = context.QuerySpans["token"u8].Length + context.CookieSpans["a"u8].Length + context.PathSpan.Length;
            Stream stream = await context.Features.Get<Microsoft.AspNetCore.Http.Features.IHttpUpgradeFeature>()!.UpgradeAsync();
            RequestArenaPool pool = context.RequestServices.GetRequiredService<RequestArenaPool>();
            ArenaLease lease = pool.Rent(); // the very one that the upgrade has let go of
            await stream.WriteAsync(Encoding.ASCII.GetBytes($"{lease.Arena!.Process.Statistics.Arenas}."));
            pool.Return(lease);
        });
        await using InMemoryConnection client = server.Connect();

        Assert.Equal(101, (await client.RoundTripAsync("GET /?token=a HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: x\r\n\r\n")).Status);
        Assert.Equal("1.", await client.ReadUntilAsync("."));
    }

    [Fact]
    public async Task A_query_that_is_read_by_a_straggler_is_right_or_refused()
    {
        HttpContext? kept = null;
        await using FrontServer server = await FrontServer.StartAsync(context =>
        {
            kept = context;
            return Task.CompletedTask;
        });
        await using InMemoryConnection client = server.Connect();
        await client.RoundTripAsync("GET /?a=1%30 HTTP/1.1\r\nHost: a\r\n\r\n");

        await Eventually.HoldsAsync(() => Record.Exception(() => kept!.QuerySpans["a"u8].Length) is ObjectDisposedException);
    }
}
