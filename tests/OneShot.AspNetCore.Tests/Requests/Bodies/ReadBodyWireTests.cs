using System.Text;
using OneShot.AspNetCore.Requests;
using OneShot.AspNetCore.Tests.Http1;
using OneShot.AspNetCore.Tests.Http1.Transport;

#pragma warning disable ASP0016 // The tasks of bodies are within the handlers, which return none of them.

namespace OneShot.AspNetCore.Tests.Requests.Bodies;

/// <summary>Bodies in the arena of the front, byte by byte: those that break off, that come late, and that are read at the wrong time.</summary>
public sealed class ReadBodyWireTests
{
    private const string Lengthy = "POST /a HTTP/1.1\r\nHost: a\r\nContent-Length: 11\r\n\r\nhello world";
    private const string Chunky = "POST /b HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n5;x=1\r\nhello\r\n1\r\n \r\n5\r\nworld\r\n0\r\nX-Sum: 42\r\n\r\n";
    private const string Next = "GET /next HTTP/1.1\r\nHost: a\r\n\r\n";

    private static async Task Echo(HttpContext context)
    {
        ArenaBody body = await context.ReadBodyAsync(100);
        await context.Response.WriteAsync(context.Request.Path + "|" + Encoding.ASCII.GetString(body.Span));
    }

    [Theory]
    [InlineData(Lengthy, "/a|hello world")]
    [InlineData(Chunky, "/b|hello world")]
    public async Task A_body_split_at_any_byte_reads_the_same_and_what_follows_is_the_next_request(string request, string expected)
    {
        await using FrontServer server = await FrontServer.StartAsync(Echo);
        await using InMemoryConnection client = server.Connect();
        string bytes = request + Next;

        for (int split = 1; split < bytes.Length; split++)
        {
            await client.SendAsync(bytes[..split]);
            await client.SendAsync(bytes[split..]);
            Assert.Equal(expected, (await client.ReadResponseAsync()).Text);
            Assert.Equal("/next|", (await client.ReadResponseAsync()).Text);
        }
    }

    [Theory]
    [InlineData("Content-Length: 11\r\n\r\nhello")]
    [InlineData("Transfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n")]
    [InlineData("Transfer-Encoding: chunked\r\n\r\n5\r\nhelloX")]
    public async Task A_body_that_breaks_off_is_400_for_whoever_asks(string rest)
    {
        bool isSame = false;
        await using FrontServer server = await FrontServer.StartAsync(async context =>
        {
            BadHttpRequestException first = await Assert.ThrowsAsync<BadHttpRequestException>(async () => await context.ReadBodyAsync(100));
            isSame = first == await Assert.ThrowsAsync<BadHttpRequestException>(async () => await context.ReadBodyAsync(100));
            throw first;
        });
        await using InMemoryConnection client = server.Connect();

        await client.SendAsync("POST / HTTP/1.1\r\nHost: a\r\n" + rest);
        await client.FinishSendingAsync();

        Assert.Equal(400, (await client.ReadResponseAsync()).Status);
        Assert.True(await client.IsClosedByServerAsync());
        Assert.True(isSame);
    }

    [Fact]
    public async Task A_client_that_is_gone_ends_the_read()
    {
        var outcome = new TaskCompletionSource<Exception?>(TaskCreationOptions.RunContinuationsAsynchronously);
        var entered = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using FrontServer server = await FrontServer.StartAsync(async context =>
        {
            entered.SetResult();
            outcome.SetResult(await Record.ExceptionAsync(async () => await context.ReadBodyAsync(100)));
        });
        await using InMemoryConnection client = server.Connect();

        await client.SendAsync("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 11\r\n\r\nhello");
        await entered.Task.WaitAsync(Limits.Patience);
        await client.ResetAsync();

        Assert.NotNull(await outcome.Task.WaitAsync(Limits.Patience));
    }

    /// <summary>A client that waits to be asked is not asked for what would be refused.</summary>
    [Fact]
    public async Task A_body_that_is_announced_too_long_is_refused_before_it_is_asked_for()
    {
        await using FrontServer server = await FrontServer.StartAsync(Echo);
        await using InMemoryConnection client = server.Connect();

        RawResponse response = await client.RoundTripAsync("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 101\r\nExpect: 100-continue\r\n\r\n");

        Assert.Equal(413, response.Status);
        Assert.True(await client.IsClosedByServerAsync());
    }

    [Fact]
    public async Task A_read_that_was_given_up_before_anything_came_can_be_made_again_and_one_that_got_something_cannot()
    {
        var waiting = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        string? said = null;
        await using FrontServer server = await FrontServer.StartAsync(async context =>
        {
            using var first = new CancellationTokenSource();
            Task<ArenaBody> reading = context.ReadBodyAsync(100, first.Token).AsTask();
            await first.CancelAsync();
            await Assert.ThrowsAnyAsync<OperationCanceledException>(() => reading);

            using var second = new CancellationTokenSource();
            long before = context.Arena.Allocated;
            reading = context.ReadBodyAsync(100, second.Token).AsTask();
            said = (await Assert.ThrowsAsync<InvalidOperationException>(async () => await context.ReadBodyAsync(100))).Message;
            waiting.SetResult();
            await Eventually.HoldsAsync(() => context.Arena.Allocated > before);
            await second.CancelAsync();
            await Assert.ThrowsAnyAsync<OperationCanceledException>(() => reading);
            await Assert.ThrowsAsync<InvalidOperationException>(async () => await context.ReadBodyAsync(100));
            await context.Response.WriteAsync("done");
        });
        await using InMemoryConnection client = server.Connect();

        await client.SendAsync("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 11\r\n\r\n");
        await waiting.Task.WaitAsync(Limits.Patience);
        await client.SendAsync("hello");

        Assert.Equal("done", (await client.ReadResponseAsync()).Text);
        Assert.Contains("another call", said, StringComparison.Ordinal);
    }

    [Fact]
    public async Task CancelPendingRead_is_told_as_a_cancellation_and_loses_nothing_that_had_not_come()
    {
        var canceled = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using FrontServer server = await FrontServer.StartAsync(async context =>
        {
            Task<ArenaBody> reading = context.ReadBodyAsync(100).AsTask();
            context.Request.BodyReader.CancelPendingRead();
            await Assert.ThrowsAsync<OperationCanceledException>(() => reading);
            canceled.SetResult();
            await Echo(context);
        });
        await using InMemoryConnection client = server.Connect();

        await client.SendAsync(Lengthy[..^11]);
        await canceled.Task.WaitAsync(Limits.Patience);
        await client.SendAsync(Lengthy[^11..]);

        Assert.Equal("/a|hello world", (await client.ReadResponseAsync()).Text);
    }

    /// <summary>The read began inside a mark that is rewound before it ends: the body is the request's, not the mark's.</summary>
    [Fact]
    public async Task A_mark_of_the_application_does_not_take_the_body_back()
    {
        var rewound = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using FrontServer server = await FrontServer.StartAsync(async context =>
        {
            Task<ArenaBody> reading;
            using (context.Arena.Mark())
            {
                reading = context.ReadBodyAsync(100).AsTask(); // takes what is here
            }

            context.Arena.Allocate<byte>(64).Fill((byte)'!');
            rewound.SetResult();
            ArenaBody body = await reading;
            context.Arena.Allocate<byte>(64).Fill((byte)'!');
            await context.Response.WriteAsync(Encoding.ASCII.GetString(body.Span));
        });
        await using InMemoryConnection client = server.Connect();

        await client.SendAsync(Lengthy[..^6]);
        await rewound.Task.WaitAsync(Limits.Patience);
        await client.SendAsync(Lengthy[^6..]);

        Assert.Equal("hello world", (await client.ReadResponseAsync()).Text);
    }

    /// <summary>A read that its request has left behind ends with it, and the next request of the connection reads its own body.</summary>
    [Fact]
    public async Task A_read_that_is_left_behind_gives_the_next_request_nothing()
    {
        Task<ArenaBody>? left = null;
        await using FrontServer server = await FrontServer.StartAsync(async context =>
        {
            if (context.Request.Path == "/left")
            {
                left = context.ReadBodyAsync(100).AsTask();
                return;
            }

            await Echo(context);
        });
        await using InMemoryConnection client = server.Connect();

        await client.SendAsync("POST /left HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nst");
        Assert.Equal(200, (await client.ReadResponseAsync()).Status);
        Exception? thrown = await Record.ExceptionAsync(() => left!.WaitAsync(Limits.Patience));
        Assert.IsType<ObjectDisposedException>(thrown);

        await using InMemoryConnection other = server.Connect();
        Assert.Equal("/a|hello world", (await other.RoundTripAsync(Lengthy)).Text);
    }

    [Fact]
    public async Task One_connection_reads_body_after_body_and_none_is_given_anothers()
    {
        await using FrontServer server = await FrontServer.StartAsync(async context =>
        {
            if (context.Request.Method == "POST")
            {
                await context.ReadBodyAsync(100);
            }

            await Echo(context);
        });
        await using InMemoryConnection client = server.Connect();

        for (int i = 0; i < 20; i++)
        {
            Assert.Equal($"/x|body {i:00}", (await client.RoundTripAsync($"POST /x HTTP/1.1\r\nHost: a\r\nContent-Length: 7\r\n\r\nbody {i:00}")).Text);
            Assert.Equal("/next|", (await client.RoundTripAsync(Next)).Text);
        }
    }

    [Fact]
    public async Task A_body_can_be_read_from_many_threads_at_once()
    {
        await using FrontServer server = await FrontServer.StartAsync(async context =>
        {
            ArenaBody body = await context.ReadBodyAsync(100);
            bool[] same = await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => Task.Run(() => body.Span.SequenceEqual("hello world"u8))));
            await context.Response.WriteAsync(!same.Contains(false) ? "same" : "different");
        });
        await using InMemoryConnection client = server.Connect();

        Assert.Equal("same", (await client.RoundTripAsync(Lengthy)).Text);
    }
}
