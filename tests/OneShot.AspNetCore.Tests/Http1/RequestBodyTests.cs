using System.IO.Pipelines;
using System.Text;
using Microsoft.AspNetCore.Http.Features;
using OneShot.AspNetCore.Tests.Http1.Transport;

namespace OneShot.AspNetCore.Tests.Http1;

public sealed class RequestBodyTests
{
    private const string Lengthy = "POST /a HTTP/1.1\r\nHost: a\r\nContent-Length: 11\r\n\r\nhello world";
    private const string Chunky = "POST /b HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n5;x=1\r\nhello\r\n1\r\n \r\n5\r\nworld\r\n0\r\nX-Sum: 42\r\n\r\n";
    private const string Next = "GET /next HTTP/1.1\r\nHost: a\r\n\r\n";

    private static async Task EchoStream(HttpContext context)
    {
        using var reader = new StreamReader(context.Request.Body);
        await context.Response.WriteAsync(context.Request.Path + "|" + await reader.ReadToEndAsync());
    }

    private static async Task EchoPipe(HttpContext context)
    {
        PipeReader reader = context.Request.BodyReader;
        ReadResult result;
        while (!(result = await reader.ReadAsync()).IsCompleted)
        {
            reader.AdvanceTo(result.Buffer.Start, result.Buffer.End);
        }

        await context.Response.WriteAsync(context.Request.Path + "|" + Encoding.UTF8.GetString(result.Buffer));
        reader.AdvanceTo(result.Buffer.End);
    }

    [Theory]
    [InlineData(Lengthy, "/a|hello world", false)]
    [InlineData(Lengthy, "/a|hello world", true)]
    [InlineData(Chunky, "/b|hello world", false)]
    [InlineData(Chunky, "/b|hello world", true)]
    public async Task A_body_split_at_any_byte_reads_the_same_and_what_follows_is_the_next_request(string request, string expected, bool pipe)
    {
        await using FrontServer server = await FrontServer.StartAsync(pipe ? EchoPipe : EchoStream);
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
    [InlineData(Lengthy)]
    [InlineData(Chunky)]
    public async Task A_body_that_the_application_does_not_read_is_drained(string request)
    {
        await using FrontServer server = await FrontServer.StartAsync(context => context.Response.WriteAsync(context.Request.Path));
        await using InMemoryConnection client = server.Connect();
        string bytes = request + Next;

        for (int split = 1; split < bytes.Length; split++)
        {
            await client.SendAsync(bytes[..split]);
            await client.SendAsync(bytes[split..]);
            Assert.Equal(request[5..7], (await client.ReadResponseAsync()).Text);
            Assert.Equal("/next", (await client.ReadResponseAsync()).Text);
        }
    }

    [Theory]
    [InlineData(Lengthy)]
    [InlineData(Chunky)]
    public async Task A_copy_to_a_writer_that_nobody_reads_any_more_ends_without_an_error(string request)
    {
        await using FrontServer server = await FrontServer.StartAsync(async context =>
        {
            var destination = new Pipe();
            await destination.Reader.CompleteAsync();
            await context.Request.BodyReader.CopyToAsync(destination.Writer);
            await context.Response.WriteAsync(context.Request.Path);
        });
        await using InMemoryConnection client = server.Connect();

        await client.SendAsync(request + Next);

        Assert.Equal(request[5..7], (await client.ReadResponseAsync()).Text);
        Assert.Equal("/next", (await client.ReadResponseAsync()).Text);
    }

    [Theory]
    [InlineData(Lengthy)]
    [InlineData(Chunky)]
    public async Task A_read_that_is_left_unadvanced_is_drained_too(string request)
    {
        await using FrontServer server = await FrontServer.StartAsync(async context =>
        {
            if (context.Request.Method == "POST")
            {
                await context.Request.BodyReader.ReadAsync();
            }

            await context.Response.WriteAsync(context.Request.Path);
        });
        await using InMemoryConnection client = server.Connect();

        await client.SendAsync(request + Next);

        Assert.Equal(request[5..7], (await client.ReadResponseAsync()).Text);
        Assert.Equal("/next", (await client.ReadResponseAsync()).Text);
    }

    [Fact]
    public async Task Trailers_are_available_once_the_body_is_read_and_never_join_the_headers()
    {
        await using FrontServer server = await FrontServer.StartAsync(async context =>
        {
            var trailers = context.Features.Get<IHttpRequestTrailersFeature>()!;
            Assert.False(trailers.Available);
            await context.Request.Body.CopyToAsync(Stream.Null);
            Assert.True(trailers.Available);
            Assert.False(context.Request.Headers.ContainsKey("X-Sum"));
            await context.Response.WriteAsync(trailers.Trailers["X-Sum"].ToString());
        });
        await using InMemoryConnection client = server.Connect();

        await client.SendAsync(Chunky[..^20]);
        await client.SendAsync(Chunky[^20..]);

        Assert.Equal("42", (await client.ReadResponseAsync()).Text);
    }

    [Theory]
    [InlineData("g\r\n")]
    [InlineData("-1\r\n")]
    [InlineData("0x1\r\n")]
    [InlineData("\r\n")]
    [InlineData("5\nhello\n0\n\n")]
    [InlineData("5\r\nhelloX\r\n0\r\n\r\n")]
    [InlineData("11111111111111111\r\n")]
    [InlineData("ffffffffffffffff\r\n")]
    [InlineData("5;\x01=1\r\nhello\r\n0\r\n\r\n")]
    [InlineData("5\r\nhello\r\n0\r\nContent-Length: 3\r\n\r\n")]
    [InlineData("5\r\nhello\r\n0\r\nX : 3\r\n\r\n")]
    public async Task A_malformed_chunk_is_400_and_ends_the_connection(string body)
    {
        await using FrontServer server = await FrontServer.StartAsync(EchoStream);
        await using InMemoryConnection client = server.Connect();

        RawResponse response = await client.RoundTripAsync("POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n" + body + Next);

        Assert.Equal(400, response.Status);
        Assert.True(response.SaysClose);
        Assert.True(await client.IsClosedByServerAsync());
        Assert.Equal(1, server.Requests);
    }

    [Theory]
    [InlineData("Content-Length: 11\r\n\r\nhello")]
    [InlineData("Transfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n")]
    public async Task A_body_that_breaks_off_is_an_error_in_the_application_and_400(string rest)
    {
        Exception? seen = null;
        await using FrontServer server = await FrontServer.StartAsync(async context =>
        {
            try
            {
                await EchoStream(context);
            }
            catch (BadHttpRequestException exception)
            {
                seen = exception;
                throw;
            }
        });
        await using InMemoryConnection client = server.Connect();

        await client.SendAsync("POST / HTTP/1.1\r\nHost: a\r\n" + rest);
        await client.FinishSendingAsync();

        Assert.Equal(400, (await client.ReadResponseAsync()).Status);
        Assert.True(await client.IsClosedByServerAsync());
        Assert.NotNull(seen);
    }

    [Fact]
    public async Task Continue_is_sent_when_the_application_waits_for_the_body_and_not_before()
    {
        await using FrontServer server = await FrontServer.StartAsync(EchoStream);
        await using InMemoryConnection client = server.Connect();

        RawResponse interim = await client.RoundTripAsync("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\nExpect: 100-continue\r\n\r\n");
        Assert.Equal(100, interim.Status);
        await client.SendAsync("hello");
        Assert.Equal("/|hello", (await client.ReadResponseAsync()).Text);

        // The body is there already: nobody waits, so nothing is said.
        RawResponse final = await client.RoundTripAsync("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\nExpect: 100-continue\r\n\r\nworld");
        Assert.Equal("/|world", final.Text);
        Assert.Null(final["Connection"]);
    }

    [Fact]
    public async Task A_body_that_was_never_asked_for_ends_the_connection()
    {
        await using FrontServer server = await FrontServer.StartAsync(context => context.Response.WriteAsync("no, thanks"));
        await using InMemoryConnection client = server.Connect();

        RawResponse response = await client.RoundTripAsync("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\nExpect: 100-continue\r\n\r\n");

        Assert.Equal(200, response.Status);
        Assert.True(response.SaysClose);
        Assert.True(await client.IsClosedByServerAsync());
    }

    [Fact]
    public async Task A_cancelled_read_is_seen_once_and_loses_nothing()
    {
        var canceledRead = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using FrontServer server = await FrontServer.StartAsync(async context =>
        {
            PipeReader reader = context.Request.BodyReader;
            ValueTask<ReadResult> pending = reader.ReadAsync();
            reader.CancelPendingRead();
            ReadResult canceled = await pending;
            Assert.True(canceled.IsCanceled);
            reader.AdvanceTo(canceled.Buffer.Start);
            canceledRead.SetResult();
            await context.Response.StartAsync();
            await EchoStream(context);
        });
        await using InMemoryConnection client = server.Connect();

        await client.SendAsync("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\n");
        await canceledRead.Task.WaitAsync(Limits.Patience);
        await client.SendAsync("hello");

        Assert.Equal("/|hello", (await client.ReadResponseAsync()).Text);
    }

    [Fact]
    public async Task Synchronous_reads_are_refused_unless_allowed()
    {
        await using FrontServer server = await FrontServer.StartAsync(async context =>
        {
            Assert.Throws<InvalidOperationException>(() => context.Request.Body.Read(new byte[1], 0, 1));
            context.Features.Get<IHttpBodyControlFeature>()!.AllowSynchronousIO = true;
            byte[] body = new byte[5];
            Assert.Equal(5, context.Request.Body.Read(body, 0, 5));
            await context.Response.Body.WriteAsync(body);
        });
        await using InMemoryConnection client = server.Connect();

        Assert.Equal("hello", (await client.RoundTripAsync("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nhello")).Text);
    }
}
