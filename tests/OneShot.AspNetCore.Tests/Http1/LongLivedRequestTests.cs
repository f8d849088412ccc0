using System.Runtime.CompilerServices;
using System.Text;
using Microsoft.AspNetCore.Connections.Features;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using OneShot.AspNetCore.Tests.Http1.Transport;

namespace OneShot.AspNetCore.Tests.Http1;

/// <summary>Requests that live for hours pin no block of the arena, and what they know of their head stays right.</summary>
public sealed class LongLivedRequestTests
{
    private const int Many = 1000;

    /// <summary>As many blocks as a few arenas in turn may hold; a thousand that are pinned would be thirty times the capacity.</summary>
    private const int FewBlocks = 16; // an arena is back a moment behind the answer

    private static Task<FrontServer> StartAsync(
        RequestDelegate application, ArenaReclamation reclamation = ArenaReclamation.PerRequest, ManualClock? clock = null,
        Action<KestrelServerOptions>? kestrel = null) =>
        FrontServer.StartAsync(
            application,
            options =>
            {
                options.Capacity = 32 * options.BlockSize;
                options.Reclamation = reclamation;
            },
            kestrel,
            services: services => services.AddSingleton<TimeProvider>(clock ?? TimeProvider.System),
            endpoint: listen => listen.Use(next => connection =>
            {
                if (clock is not null)
                {
                    connection.Features.Set<IConnectionHeartbeatFeature>(clock);
                }

                return next(connection);
            }));

    [Fact]
    public async Task A_thousand_upgraded_connections_pin_no_block_and_still_read_their_heads()
    {
        await using FrontServer server = await StartAsync(EchoHeadAsync);
        ProcessArena process = server.Services.GetRequiredService<ProcessArena>();
        var clients = new List<InMemoryConnection>();
        for (int i = 0; i < Many; i++)
        {
            InMemoryConnection client = server.Connect();
            clients.Add(client);
            Assert.Equal(101, (await client.RoundTripAsync(UpgradeRequest(i))).Status);
        }

        await Eventually.HoldsAsync(() => process.Used <= FewBlocks * process.BlockSize);
        Assert.Equal(0, process.FallbackBlocks);
        for (int i = 0; i < Many; i++)
        {
            await clients[i].SendAsync("?");
            string expected = $"/{i} id{i} id{i} a,b a|b 6";
            Assert.Equal(expected, await clients[i].ReadTextAsync(expected.Length));
        }

        foreach (InMemoryConnection client in clients)
        {
            await client.DisposeAsync();
        }
    }

    [Theory]
    [InlineData("text/event-stream")]
    [InlineData("text/event-stream; charset=utf-8")]
    public async Task Streams_of_events_pin_no_block_from_their_first_flush_on(string type)
    {
        var end = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using FrontServer server = await StartAsync(async context =>
        {
            context.Response.ContentType = type;
            await context.Response.WriteAsync("data: 1\n\n");
            await end.Task;
            await context.Response.WriteAsync($"data: {Encoding.ASCII.GetString(context.HeaderSpans["x-id"u8])} {context.Request.Headers["x-id"]}\n\n");
        });
        ProcessArena process = server.Services.GetRequiredService<ProcessArena>();
        var clients = new List<InMemoryConnection>();
        for (int i = 0; i < 200; i++)
        {
            InMemoryConnection client = server.Connect();
            clients.Add(client);
            await client.SendAsync($"GET / HTTP/1.1\r\nHost: a\r\nX-Id: {i}\r\n\r\n");
            Assert.EndsWith("data: 1\n\n\r\n", await client.ReadUntilAsync("data: 1\n\n\r\n"), StringComparison.Ordinal);
        }

        await Eventually.HoldsAsync(() => process.Used <= FewBlocks * process.BlockSize);
        Assert.Equal(0, process.FallbackBlocks);
        end.SetResult();
        for (int i = 0; i < clients.Count; i++)
        {
            Assert.Contains($"data: {i} {i}\n\n", await clients[i].ReadUntilAsync("0\r\n\r\n"), StringComparison.Ordinal);

            // The connection goes on as any other, with an arena again.
            Assert.Equal(200, (await clients[i].RoundTripAsync("GET / HTTP/1.1\r\nHost: a\r\nX-Id: next\r\n\r\n")).Status);
            await clients[i].DisposeAsync();
        }
    }

    [Fact]
    public async Task The_framework_s_own_event_streams_are_such()
    {
        var next = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using FrontServer server = await StartAsync(context => TypedResults.ServerSentEvents(Events(next.Task)).ExecuteAsync(context));
        ProcessArena process = server.Services.GetRequiredService<ProcessArena>();
        var clients = new List<InMemoryConnection>();
        for (int i = 0; i < 50; i++)
        {
            InMemoryConnection client = server.Connect();
            clients.Add(client);
            await client.SendAsync("GET / HTTP/1.1\r\nHost: a\r\n\r\n");
            await client.ReadUntilAsync("data: one\n\n\r\n");
        }

        await Eventually.HoldsAsync(() => process.Used <= FewBlocks * process.BlockSize);
        next.SetResult();
        foreach (InMemoryConnection client in clients)
        {
            Assert.Contains("data: two", await client.ReadUntilAsync("0\r\n\r\n"), StringComparison.Ordinal);
            await client.DisposeAsync();
        }

        static async IAsyncEnumerable<string> Events(Task next, [EnumeratorCancellation] CancellationToken cancellation = default)
        {
            yield return "one";
            await next.WaitAsync(cancellation);
            yield return "two";
        }
    }

    [Fact]
    public async Task What_the_application_has_in_its_arena_stays_there_until_it_lets_go()
    {
        long kept = 0;
        bool same = false;
        ProcessArena process = null!;
        var clock = new ManualClock();
        var reset = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using FrontServer server = await StartAsync(async context =>
        {
            UnsafeSlice<byte> mine = context.Arena.AllocateUnsafe<byte>(3);
            "abc"u8.CopyTo(mine.Span);
            Memory<byte> memory = context.Arena.AllocateMemory(3);
            RequestArena given = context.Arena;
            given.OnReset(_ => reset.SetResult(), null);
            await using Stream stream = await context.Features.Get<IHttpUpgradeFeature>()!.UpgradeAsync();
            same = mine.Span.SequenceEqual("abc"u8) && memory.Span.Length == 3 && !reset.Task.IsCompleted;
            kept = process.Held;

            Assert.True(context.ReleaseArena());
            Assert.Equal("a", Encoding.ASCII.GetString(context.HeaderSpans["host"u8]));
            Assert.Equal(0, context.Arena.Allocated);
            context.Arena.Allocate<byte>(100).Fill(1);

            // Until the second heartbeat a call that came late could still be about another request's arena.
            clock.Advance(TimeSpan.FromSeconds(1));
            Assert.False(reset.Task.IsCompleted);
            given.Allocate<byte>(1);
            clock.Advance(TimeSpan.FromSeconds(1));
            await reset.Task.WaitAsync(Limits.Patience);
            await Eventually.HoldsAsync(() => Record.Exception(() => given.Allocate<byte>(1)) is ObjectDisposedException);
            await Eventually.HoldsAsync(() => process.Held == 2 * process.BlockSize);
            await stream.WriteAsync("done"u8.ToArray());
        }, clock: clock);
        process = server.Services.GetRequiredService<ProcessArena>();
        await using InMemoryConnection client = server.Connect();

        Assert.Equal(101, (await client.RoundTripAsync(UpgradeRequest(1))).Status);
        Assert.Equal("done", await client.ReadTextAsync(4));
        Assert.True(await client.IsClosedByServerAsync());
        Assert.True(same);
        Assert.Equal(process.BlockSize, kept);
        Assert.DoesNotContain(server.Log.Entries, entry => entry.Level >= LogLevel.Warning);
    }

    [Fact]
    public async Task Trailers_outlive_the_arena_and_may_come_after_it()
    {
        await using FrontServer server = await StartAsync(async context =>
        {
            Assert.True(context.ReleaseArena());
            await context.Request.Body.CopyToAsync(Stream.Null);
            Assert.True(context.ReleaseArena());
            context.Arena.Allocate<byte>(4000).Fill((byte)'!');
            await context.Response.WriteAsync($"{context.Request.GetTrailer("X-Sum")} {context.Request.Headers["X-Id"]} {context.HeaderSpans.Count}");
        });
        await using InMemoryConnection client = server.Connect();

        for (int i = 0; i < 3; i++)
        {
            RawResponse response = await client.RoundTripAsync(
                $"POST / HTTP/1.1\r\nHost: a\r\nX-Id: {i}\r\nTransfer-Encoding: chunked\r\n\r\n1\r\na\r\n0\r\nX-Sum: s{i}\r\n\r\n");
            Assert.Equal($"s{i} {i} 3", response.Text);
        }
    }

    [Fact]
    public async Task Where_nothing_is_reused_the_rest_of_the_block_serves_the_next_request()
    {
        await using FrontServer server = await StartAsync(EchoHeadAsync, ArenaReclamation.Never);
        ProcessArena process = server.Services.GetRequiredService<ProcessArena>();
        var clients = new List<InMemoryConnection>();
        for (int i = 0; i < 200; i++)
        {
            InMemoryConnection client = server.Connect();
            clients.Add(client);
            Assert.Equal(101, (await client.RoundTripAsync(UpgradeRequest(i))).Status);
        }

        // 200 heads of less than 512 bytes, table included, in turn in the blocks of a few arenas.
        Assert.InRange(process.Used, 1, (200 * 512) + (FewBlocks * process.BlockSize));
        Assert.Equal(0, process.FallbackBlocks);
        foreach (InMemoryConnection client in clients)
        {
            await client.DisposeAsync();
        }
    }

    /// <summary>An upload that is not over holds a generation, if it holds a block: five of them would be all there are.</summary>
    [Theory]
    [InlineData("Content-Length: 3")]
    [InlineData("Transfer-Encoding: chunked")]
    public async Task Under_Generational_slow_uploads_leave_the_arena_as_it_was(string framing)
    {
        var clock = new ManualClock();
        await using FrontServer server = await StartAsync(
            async context =>
            {
                using var body = new StreamReader(context.Request.Body);
                string text = await body.ReadToEndAsync();
                await context.Response.WriteAsync($"{text} {Encoding.ASCII.GetString(context.HeaderSpans["x-id"u8])} {context.Request.Headers["X-Id"]} {context.HeaderSpans.Count}");
            },
            ArenaReclamation.Generational,
            clock,
            kestrel => kestrel.Limits.MinRequestBodyDataRate = null);
        ProcessArena process = server.Services.GetRequiredService<ProcessArena>();
        bool isChunked = framing.EndsWith("chunked", StringComparison.Ordinal);
        var clients = new List<InMemoryConnection>();
        for (int i = 0; i < 500; i++)
        {
            InMemoryConnection client = server.Connect();
            clients.Add(client);
            await client.SendAsync($"POST / HTTP/1.1\r\nHost: a\r\nX-Id: {i}\r\n{framing}\r\n\r\n" + (isChunked ? "1\r\na\r\n" : "a"));
            await Eventually.HoldsAsync(() => server.Requests == i + 1);
            if (i % 4 == 3)
            {
                long moved = process.Statistics.Arenas;
                for (int second = 0; second < 4; second++)
                {
                    clock.Advance(TimeSpan.FromSeconds(1));
                }

                Assert.InRange(moved, 1, 30);
            }
        }

        Assert.Equal(0, process.FallbackBlocks);
        for (int i = 0; i < clients.Count; i++)
        {
            Assert.Equal($"abc {i} {i} 3", (await clients[i].RoundTripAsync(isChunked ? "2\r\nbc\r\n0\r\n\r\n" : "bc")).Text);
            await clients[i].DisposeAsync();
        }

        Assert.Equal(0, process.FallbackBlocks);
    }

    private static string UpgradeRequest(int id) =>
        $"GET /{id} HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: echo\r\nX-Id: id{id}\r\nX-List: a\r\nX-List: b\r\n\r\n";

    private static async Task EchoHeadAsync(HttpContext context)
    {
        await using Stream stream = await context.Features.Get<IHttpUpgradeFeature>()!.UpgradeAsync();
        byte[] buffer = new byte[1];
        if (await stream.ReadAsync(buffer) == 1)
        {
            await stream.WriteAsync(Encoding.ASCII.GetBytes(Describe(context)));
            await stream.CopyToAsync(Stream.Null);
        }
    }

    private static string Describe(HttpContext context)
    {
        var list = new List<string>();
        foreach (ReadOnlySpan<byte> value in context.HeaderSpans.GetValues("x-list"u8))
        {
            list.Add(Encoding.ASCII.GetString(value));
        }

        string id = Encoding.ASCII.GetString(context.HeaderSpans["X-ID"u8]);
        return $"{context.Request.Path} {id} {context.Request.Headers["x-id"]} {context.Request.Headers["X-List"]} {string.Join('|', list)} {context.HeaderSpans.Count}";
    }
}
