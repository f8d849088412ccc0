using System.Text;
using OneShot.AspNetCore.Headers;
using OneShot.AspNetCore.Requests;

namespace OneShot.AspNetCore.Tests.Requests.Heads;

/// <summary>What a head says besides its header lines, on every server alike.</summary>
public sealed class HeadSpansTests
{
    private const string Trace = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";

    public static TheoryData<ServerKind> Servers => new(Enum.GetValues<ServerKind>());

    [Theory]
    [MemberData(nameof(Servers))]
    public async Task A_query_is_read_decoded_where_it_has_to_be_and_raw_otherwise(ServerKind kind)
    {
        await using AnyServer server = await AnyServer.StartAsync(kind, async context => await context.Response.WriteAsync(Read(context)));

        Assert.Equal(
            "plain=7 decoded=a b&c+\u00E4 key=1 flag=True, missing=False all=x|y z| pairs=7 raw=True taken=True",
            await AnyServer.TextOf(await server.GetAsync("/a?page=7&q=a+b%26c%2B%C3%A4&na%20me=1&flag&tag=x&tag=y+z&tag=")));

        static string Read(HttpContext context)
        {
            QuerySpans query = context.QuerySpans;
            long before = context.Arena.Allocated;
            ReadOnlySpan<byte> plain = query["page"u8];
            bool isRaw = context.Arena.Allocated == before;
            ReadOnlySpan<byte> decoded = query["q"u8];
            bool isTaken = context.Arena.Allocated > before;
            var all = new List<string>();
            foreach (ReadOnlySpan<byte> value in query.GetValues("tag"u8))
            {
                all.Add(Encoding.UTF8.GetString(value));
            }

            int pairs = 0;
            foreach ((ReadOnlySpan<byte> name, ReadOnlySpan<byte> value) in query)
            {
                pairs += name.Length + value.Length > 0 ? 1 : 0;
            }

            return $"plain={Encoding.UTF8.GetString(plain)} decoded={Encoding.UTF8.GetString(decoded)} key={Encoding.UTF8.GetString(query["na me"u8])} "
                + $"flag={query.TryGetValue("flag"u8, out _)}, missing={query.TryGetValue("nope"u8, out _)} all={string.Join('|', all)} pairs={pairs} raw={isRaw} taken={isTaken}";
        }
    }

    [Theory]
    [MemberData(nameof(Servers))]
    public async Task A_request_without_a_query_has_an_empty_one(ServerKind kind)
    {
        await using AnyServer server = await AnyServer.StartAsync(kind, async context => await context.Response.WriteAsync(Read(context)));

        Assert.Equal("0 False", await AnyServer.TextOf(await server.GetAsync("/a")));

        static string Read(HttpContext context) => $"{context.QuerySpans.Raw.Length} {context.QuerySpans.TryGetValue(""u8, out _)}";
    }

    [Theory]
    [MemberData(nameof(Servers))]
    public async Task Cookies_token_and_trace_are_read_as_they_were_sent(ServerKind kind)
    {
        await using AnyServer server = await AnyServer.StartAsync(kind, async context => await context.Response.WriteAsync(Read(context)));

        Assert.Equal(
            $"1 2 abc.d_e== {Trace}",
            await AnyServer.TextOf(await server.GetAsync("/", ("Cookie", "a=1; b=2"), ("Authorization", "bearer  abc.d_e=="), ("traceparent", Trace))));
        Assert.Equal("   ", await AnyServer.TextOf(await server.GetAsync("/", ("Authorization", "Basic YTpi"), ("traceparent", Trace.ToUpperInvariant()))));
        Assert.Equal("   ", await AnyServer.TextOf(await server.GetAsync("/")));

        static string Read(HttpContext context) => string.Join(
            ' ',
            Encoding.ASCII.GetString(context.CookieSpans["a"u8]),
            Encoding.ASCII.GetString(context.CookieSpans["b"u8]),
            Encoding.ASCII.GetString(context.BearerToken),
            context.TraceParent.ToString());
    }

    [Theory]
    [MemberData(nameof(Servers))]
    public async Task Method_target_and_path_are_there_as_bytes(ServerKind kind)
    {
        await using AnyServer server = await AnyServer.StartAsync(kind, async context => await context.Response.WriteAsync(Read(context)));

        Assert.Equal("GET /a%20b/c?d=e /a b/c True", await AnyServer.TextOf(await server.GetAsync("/a%20b/c?d=e")));
        Assert.Equal("GET /plain /plain True", await AnyServer.TextOf(await server.GetAsync("/plain")));
        Assert.Equal("GET / / True", await AnyServer.TextOf(await server.GetAsync("/")));

        static string Read(HttpContext context)
        {
            string path = Encoding.UTF8.GetString(context.PathSpan);
            return $"{Encoding.ASCII.GetString(context.MethodSpan)} {Encoding.ASCII.GetString(context.TargetSpan)} {path} {path == context.Request.Path}";
        }
    }

    [Theory]
    [MemberData(nameof(Servers))]
    public async Task Middleware_that_moves_path_and_query_changes_nothing_of_what_was_sent(ServerKind kind)
    {
        await using AnyServer server = await AnyServer.StartAsync(kind, async context =>
        {
            string before = Read(context);
            context.Request.Path = "/other";
            context.Request.QueryString = new QueryString("?a=2");
            context.Request.Method = "PUT";
            await context.Response.WriteAsync($"{before} {Read(context)}");
        });

        Assert.Equal("GET /x 1 GET /x 1", await AnyServer.TextOf(await server.GetAsync("/x?a=1")));

        static string Read(HttpContext context) =>
            $"{Encoding.ASCII.GetString(context.MethodSpan)} {Encoding.ASCII.GetString(context.PathSpan)} {Encoding.ASCII.GetString(context.QuerySpans["a"u8])}";
    }

    [Theory]
    [MemberData(nameof(Servers))]
    public async Task A_handle_finds_its_header_behind_an_await_and_refuses_after_the_request(ServerKind kind)
    {
        var kept = new List<HeaderHandle>();
        int refused = 0;
        await using AnyServer server = await AnyServer.StartAsync(kind, async context =>
        {
            HeaderHandle id = context.HeaderSpans.Handle("x-id"u8);
            await Task.Yield();
            context.ReleaseArena();
            refused += kept.Count(handle => Record.Exception(() => handle.Span.Length) is ObjectDisposedException);
            kept.Add(id);
            await context.Response.WriteAsync(Encoding.ASCII.GetString(id.Span));
        });

        for (int i = 0; i < 4; i++)
        {
            Assert.Equal($"id {i}", await AnyServer.TextOf(await server.GetAsync("/", ("X-Id", $"id {i}"))));
        }

        Assert.Equal(1 + 2 + 3, refused);
    }

    /// <summary>A kept context is told so, whatever it is asked for.</summary>
    [Fact]
    public async Task A_context_whose_request_is_over_is_refused()
    {
        HttpContext? kept = null;
        await using AnyServer server = await AnyServer.StartAsync(ServerKind.TestServer, context =>
        {
            kept = context;
            return Task.CompletedTask;
        });
        await server.GetAsync("/?a=1", ("Cookie", "a=1"));

        Action[] asks =
        [
            () => _ = kept!.QuerySpans["a"u8].Length,
            () => _ = kept!.CookieSpans["a"u8].Length,
            () => _ = kept!.BearerToken.Length,
            () => _ = kept!.TraceParent.IsPresent,
            () => _ = kept!.TargetSpan.Length,
            () => _ = kept!.MethodSpan.Length,
            () => _ = kept!.PathSpan.Length,
        ];
        Assert.All(asks, ask => Assert.ThrowsAny<InvalidOperationException>(ask));
    }
}
