using System.IO.Pipelines;
using System.Net;
using System.Text;
using OneShot.AspNetCore.Requests;

namespace OneShot.AspNetCore.Tests.Requests.Bodies;

/// <summary>Bodies in the arena, on every server alike.</summary>
public sealed class ReadBodyTests
{
    private const int Limit = 1 << 20;

    public static TheoryData<ServerKind> Servers => new(Enum.GetValues<ServerKind>());

    public static TheoryData<ServerKind, int, bool> Bodies =>
        new MatrixTheoryData<ServerKind, int, bool>(Enum.GetValues<ServerKind>(), [0, 1, 1000, 20_000, 300_000, Limit], [false, true]);

    [Theory]
    [MemberData(nameof(Bodies))]
    public async Task A_body_is_there_whole_however_long_it_is_and_whether_its_length_is_announced(ServerKind kind, int length, bool chunked)
    {
        await using AnyServer server = await AnyServer.StartAsync(kind, async context =>
        {
            ArenaBody body = await context.ReadBodyAsync(Limit);
            Assert.Equal(body.Length == 0, body.IsEmpty);
            Assert.Equal(body.Length, body.Span.Length);
            await context.Response.Body.WriteAsync(body.Span.ToArray());
        });
        byte[] sent = Bytes(length);

        HttpResponseMessage response = await server.PostAsync(sent, chunked);

        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.Equal(sent, await response.Content.ReadAsByteArrayAsync(TestContext.Current.CancellationToken));
    }

    [Theory]
    [MemberData(nameof(Servers))]
    public async Task A_request_without_a_body_has_an_empty_one(ServerKind kind)
    {
        await using AnyServer server = await AnyServer.StartAsync(kind, async context =>
        {
            ArenaBody body = await context.ReadBodyAsync(0);
            await context.Response.WriteAsync($"{body.Length} {body.IsEmpty} {body.Span.Length}");
        });

        Assert.Equal("0 True 0", await AnyServer.TextOf(await server.GetAsync("/")));
    }

    [Theory]
    [MemberData(nameof(Servers))]
    public async Task A_longer_body_than_the_limit_is_413_by_what_is_announced_and_by_what_comes(ServerKind kind)
    {
        int seen = 0;
        await using AnyServer server = await AnyServer.StartAsync(kind, async context =>
        {
            try
            {
                await context.ReadBodyAsync(999);
            }
            catch (BadHttpRequestException refused)
            {
                seen = refused.StatusCode;
                BadHttpRequestException again = await Assert.ThrowsAsync<BadHttpRequestException>(async () => await context.ReadBodyAsync(999));
                Assert.Equal((413, context.Request.ContentLength is null), (again.StatusCode, ReferenceEquals(refused, again)));
                throw;
            }
        });

        foreach (bool chunked in new[] { false, true })
        {
            seen = 0;
            if (kind == ServerKind.TestServer)
            {
                await Assert.ThrowsAsync<BadHttpRequestException>(() => server.PostAsync(Bytes(1000), chunked)); // it hands on what the application throws
            }
            else
            {
                Assert.Equal(HttpStatusCode.RequestEntityTooLarge, (await server.PostAsync(Bytes(1000), chunked)).StatusCode);
            }

            Assert.Equal(413, seen);
            Assert.Equal(HttpStatusCode.OK, (await server.PostAsync(Bytes(999), chunked)).StatusCode);
        }
    }

    [Theory]
    [MemberData(nameof(Servers))]
    public async Task Who_reads_again_is_given_the_same_bytes_and_held_to_his_own_limit(ServerKind kind)
    {
        await using AnyServer server = await AnyServer.StartAsync(kind, async context =>
        {
            ArenaBody first = await context.ReadBodyAsync(Limit);
            ArenaBody again = await context.ReadBodyAsync(5);
            bool isSame = first.Span == again.Span;
            int status = (await Assert.ThrowsAsync<BadHttpRequestException>(async () => await context.ReadBodyAsync(4))).StatusCode;
            await context.Response.WriteAsync($"{isSame} {status}");
        });

        for (int i = 0; i < 2; i++)
        {
            Assert.Equal("True 413", await AnyServer.TextOf(await server.PostAsync("hello"u8.ToArray())));
        }
    }

    [Theory]
    [MemberData(nameof(Servers))]
    public async Task A_body_that_was_refused_by_its_announced_length_is_read_whole_by_a_call_that_allows_more(ServerKind kind)
    {
        await using AnyServer server = await AnyServer.StartAsync(kind, async context =>
        {
            foreach (int limit in new[] { 3, 4, 3 })
            {
                Assert.Equal(413, (await Assert.ThrowsAsync<BadHttpRequestException>(async () => await context.ReadBodyAsync(limit))).StatusCode);
            }

            ArenaBody body = await context.ReadBodyAsync(5);
            await context.Response.WriteAsync(Encoding.ASCII.GetString(body.Span));
        });

        Assert.Equal("hello", await AnyServer.TextOf(await server.PostAsync("hello"u8.ToArray())));
    }

    // However much of it had come by then: the same on a slow network as on a fast one.
    [Theory]
    [MemberData(nameof(Servers))]
    public async Task A_body_that_was_refused_as_it_came_stays_refused(ServerKind kind)
    {
        await using AnyServer server = await AnyServer.StartAsync(kind, async context =>
        {
            BadHttpRequestException refused = await Assert.ThrowsAsync<BadHttpRequestException>(async () => await context.ReadBodyAsync(4));
            Assert.Same(refused, await Assert.ThrowsAsync<BadHttpRequestException>(async () => await context.ReadBodyAsync(5)));
            await context.Response.WriteAsync($"{refused.StatusCode}");
        });

        Assert.Equal("413", await AnyServer.TextOf(await server.PostAsync("hello"u8.ToArray(), chunked: true)));
    }

    [Theory]
    [MemberData(nameof(Servers))]
    public async Task What_others_have_read_of_it_is_not_in_it(ServerKind kind)
    {
        await using AnyServer server = await AnyServer.StartAsync(kind, async context =>
        {
            PipeReader reader = context.Request.BodyReader;
            ReadResult read = await reader.ReadAtLeastAsync(3);
            reader.AdvanceTo(read.Buffer.GetPosition(3));
            ArenaBody body = await context.ReadBodyAsync(Limit);
            await context.Response.WriteAsync(Encoding.ASCII.GetString(body.Span));
        });

        Assert.Equal("lo world", await AnyServer.TextOf(await server.PostAsync("hello world"u8.ToArray())));
    }

    [Theory]
    [MemberData(nameof(Servers))]
    public async Task Middleware_that_keeps_the_body_for_others_and_the_arena_get_along(ServerKind kind)
    {
        await using AnyServer server = await AnyServer.StartAsync(kind, async context =>
        {
            context.Request.EnableBuffering();
            using var reader = new StreamReader(context.Request.Body, leaveOpen: true);
            string before = await reader.ReadToEndAsync();
            context.Request.Body.Position = 0;
            ArenaBody body = await context.ReadBodyAsync(Limit);
            await context.Response.WriteAsync($"{before} {Encoding.ASCII.GetString(body.Span)}");
        });

        Assert.Equal("hello hello", await AnyServer.TextOf(await server.PostAsync("hello"u8.ToArray())));
    }

    [Theory]
    [MemberData(nameof(Servers))]
    public async Task A_body_that_is_kept_refuses_from_the_end_of_its_request_on(ServerKind kind)
    {
        var kept = new List<ArenaBody>();
        int refused = 0;
        await using AnyServer server = await AnyServer.StartAsync(kind, async context =>
        {
            ArenaBody mine = await context.ReadBodyAsync(Limit);
            foreach (ArenaBody body in kept)
            {
                refused += Record.Exception(() => body.Span.Length) is ObjectDisposedException ? 1 : 0;
                refused += Record.Exception(() => body.ReadJson(OrderContext.Default.Point)) is ObjectDisposedException ? 1 : 0;
                refused += Record.Exception(() => body.CreateJsonReader().BytesConsumed) is ObjectDisposedException ? 1 : 0;
            }

            kept.Add(mine);
            await context.Response.WriteAsync(Encoding.ASCII.GetString(mine.Span));
        });

        for (int i = 0; i < 4; i++)
        {
            Assert.Equal($"body {i}", await AnyServer.TextOf(await server.PostAsync(Encoding.ASCII.GetBytes($"body {i}"))));
        }

        Assert.Equal(3 * (1 + 2 + 3), refused);
    }

    [Theory]
    [InlineData(ServerKind.Front, ArenaExhaustion.Throw, 413)]
    [InlineData(ServerKind.Kestrel, ArenaExhaustion.Throw, 413)]
    [InlineData(ServerKind.Http2, ArenaExhaustion.Throw, 413)]
    [InlineData(ServerKind.Front, ArenaExhaustion.Reject, 503)]
    [InlineData(ServerKind.Kestrel, ArenaExhaustion.Reject, 503)]
    [InlineData(ServerKind.Http2, ArenaExhaustion.Reject, 503)]
    [InlineData(ServerKind.Front, ArenaExhaustion.Fallback, 200)]
    [InlineData(ServerKind.Kestrel, ArenaExhaustion.Fallback, 200)]
    [InlineData(ServerKind.Http2, ArenaExhaustion.Fallback, 200)]
    public async Task A_body_that_the_arena_has_no_room_for_is_an_answer_and_no_fault(ServerKind kind, ArenaExhaustion exhaustion, int status)
    {
        await using AnyServer server = await AnyServer.StartAsync(
            kind,
            async context =>
            {
                try
                {
                    ArenaBody body = await context.ReadBodyAsync(Limit);
                    Assert.True(body.Span.SequenceEqual(Bytes(body.Length)));
                }
                catch (Exception) when (exhaustion != ArenaExhaustion.Fallback)
                {
                    await context.Request.Body.CopyToAsync(Stream.Null); // or the client may find its connection broken before it has the answer
                    throw;
                }
            },
            options => (options.Capacity, options.Exhaustion) = (128 << 10, exhaustion));

        HttpResponseMessage response = await server.PostAsync(Bytes(500_000), chunked: true);

        Assert.Equal(status, (int)response.StatusCode);
        Assert.Equal(exhaustion == ArenaExhaustion.Reject, response.Headers.RetryAfter is not null);
        Assert.Equal(HttpStatusCode.OK, (await server.PostAsync(Bytes(1000))).StatusCode);
    }

    // What docs/bodies.md says of the framework's own middleware.
    [Theory]
    [InlineData(ServerKind.Front, false, 500)]
    [InlineData(ServerKind.Front, true, 413)]
    [InlineData(ServerKind.Kestrel, false, 500)]
    [InlineData(ServerKind.Kestrel, true, 413)]
    public async Task An_exception_handler_answers_a_refusal_by_its_status_only_if_told_to(ServerKind kind, bool isTold, int status)
    {
        await using AnyServer server = await AnyServer.StartAsync(
            kind,
            async context => await context.ReadBodyAsync(4),
            pipeline: app => app.UseExceptionHandler(new ExceptionHandlerOptions
            {
                ExceptionHandler = static _ => Task.CompletedTask,
                StatusCodeSelector = isTold ? (static exception => exception is BadHttpRequestException bad ? bad.StatusCode : StatusCodes.Status500InternalServerError) : null,
            }));

        Assert.Equal(status, (int)(await server.PostAsync("hello"u8.ToArray())).StatusCode);
    }

    [Fact]
    public async Task A_negative_limit_is_a_mistake_of_the_caller()
    {
        await using AnyServer server = await AnyServer.StartAsync(ServerKind.TestServer, context =>
        {
            Assert.Throws<ArgumentOutOfRangeException>(() => { _ = context.ReadBodyAsync(-1).AsTask(); });
            Assert.Throws<ArgumentOutOfRangeException>(() => { _ = context.ReadJsonAsync(OrderContext.Default.Order, -1).AsTask(); });
            return Task.CompletedTask;
        });

        (await server.GetAsync("/")).EnsureSuccessStatusCode();
    }

    [Fact]
    public void The_default_value_is_a_body_without_bytes()
    {
        ArenaBody body = default;
        Assert.True(body.IsEmpty);
        Assert.True(body.Span.IsEmpty);
        Assert.Equal(400, Assert.Throws<BadHttpRequestException>(() => body.ReadJson(OrderContext.Default.Order)).StatusCode);
    }

    private static byte[] Bytes(int length)
    {
        byte[] bytes = new byte[length];
        for (int i = 0; i < length; i++)
        {
            bytes[i] = (byte)(i * 31 >> 3);
        }

        return bytes;
    }
}
