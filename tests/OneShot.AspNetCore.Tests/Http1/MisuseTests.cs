using System.Buffers;
using System.IO.Pipelines;
using System.Text;
using OneShot.AspNetCore.Requests;
using OneShot.AspNetCore.Tests.Http1.Transport;

namespace OneShot.AspNetCore.Tests.Http1;

/// <summary>Applications do these things. None may cost another request a byte, or the process its life.</summary>
public sealed class MisuseTests
{
    private const string Get = "GET / HTTP/1.1\r\nHost: a\r\n\r\n";

    [Fact]
    public async Task A_callback_on_the_token_that_throws_is_logged()
    {
        var entered = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using FrontServer server = await FrontServer.StartAsync(async context =>
        {
            context.RequestAborted.Register(() => throw new InvalidOperationException("in the callback"));
            var fired = new TaskCompletionSource();
            context.RequestAborted.Register(fired.SetResult);
            entered.SetResult();
            await fired.Task;
        });
        await using InMemoryConnection client = server.Connect();
        await client.SendAsync(Get);
        await entered.Task.WaitAsync(Limits.Patience);

        await client.ResetAsync();

        await Eventually.HoldsAsync(() => server.Log.Entries.Any(entry =>
            entry.Exception is AggregateException { InnerException.Message: "in the callback" }));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Memory_got_before_the_start_cannot_be_advanced_after_it(bool length)
    {
        Exception? thrown = null;
        await using FrontServer server = await FrontServer.StartAsync(async context =>
        {
            if (length)
            {
                context.Response.ContentLength = 20;
            }

            PipeWriter writer = context.Response.BodyWriter;
            writer.GetMemory(20).Span[..20].Fill((byte)'x');
            await context.Response.StartAsync();
            thrown = Record.Exception(() => writer.Advance(20));
            await writer.WriteAsync("12345678901234567890"u8.ToArray());
        });
        await using InMemoryConnection client = server.Connect();

        Assert.Equal("12345678901234567890", (await client.RoundTripAsync(Get)).Text);
        Assert.IsType<InvalidOperationException>(thrown);
    }

    [Fact]
    public async Task A_replaced_body_is_what_the_body_reader_reads_too()
    {
        await using FrontServer server = await FrontServer.StartAsync(async context =>
        {
            context.Request.Body = new MemoryStream("replaced"u8.ToArray());
            ReadResult result = await context.Request.BodyReader.ReadAtLeastAsync(8);
            string text = Encoding.UTF8.GetString(result.Buffer);
            context.Request.BodyReader.AdvanceTo(result.Buffer.End);
            await context.Response.WriteAsync(text);
        });
        await using InMemoryConnection client = server.Connect();

        for (int i = 0; i < 2; i++)
        {
            Assert.Equal("replaced", (await client.RoundTripAsync("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\n\r\nabc")).Text);
        }
    }

    [Fact]
    public async Task What_a_straggler_does_between_two_requests_is_refused_and_not_the_next_ones()
    {
        IRequestArenaFeature? arena = null;
        PipeWriter? writer = null;
        PipeReader? reader = null;
        IHeaderDictionary? headers = null;
        await using FrontServer server = await FrontServer.StartAsync(context =>
        {
            arena = context.Features.Get<IRequestArenaFeature>();
            writer = context.Response.BodyWriter;
            reader = context.Request.BodyReader;
            headers = context.Response.Headers;
            return context.Response.WriteAsync($"{context.Request.Path} {context.Request.Headers["X-Stray"]}");
        });
        await using InMemoryConnection client = server.Connect();
        for (int i = 0; i < 3; i++)
        {
            RawResponse response = await client.RoundTripAsync($"POST /{i} HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\n\r\nabc");
            Assert.Equal($"/{i} ", response.Text);
            Assert.Null(response["X-Stray"]);
            await Eventually.HoldsAsync(() => Record.Exception(() => arena!.Arena) is InvalidOperationException);
            Assert.Throws<ObjectDisposedException>(() => writer!.Write("stray"u8));
            await Assert.ThrowsAsync<ObjectDisposedException>(async () => await writer!.WriteAsync("stray"u8.ToArray()));
            Assert.Throws<InvalidOperationException>(() => headers!["X-Stray"] = "1");
            await Assert.ThrowsAsync<ObjectDisposedException>(async () => await reader!.ReadAsync());
        }
    }

    [Theory]
    [InlineData("Content-Length: 10\r\n\r\nabc", "defghij")]
    [InlineData("Transfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n", "0\r\nX: y\r\n\r\n")]
    public async Task A_read_that_is_left_waiting_ends_with_the_request_and_the_connection(string first, string rest)
    {
        Task? left = null;
        await using FrontServer server = await FrontServer.StartAsync(async context =>
        {
            Stream body = context.Request.Body;
            await body.ReadExactlyAsync(new byte[3]);
            left = body.ReadAsync(new byte[10]).AsTask();
            Assert.False(left.IsCompleted);
            await context.Response.WriteAsync("done");
        });
        await using InMemoryConnection client = server.Connect();

        await client.SendAsync("POST / HTTP/1.1\r\nHost: a\r\n" + first);
        Assert.Equal("done", (await client.ReadResponseAsync()).Text);
        Assert.True(await client.IsClosedByServerAsync());
        await client.SendAsync(rest + Get);

        await Assert.ThrowsAsync<ObjectDisposedException>(() => left!.WaitAsync(Limits.Patience));
        Assert.Equal(1, server.Requests);
    }

    [Theory]
    [InlineData(5, 200)]
    [InlineData(null, 103)]
    public async Task More_was_written_before_the_head_than_the_head_allows_is_500_and_callbacks_still_run(int? length, int status)
    {
        bool completed = false;
        await using FrontServer server = await FrontServer.StartAsync(context =>
        {
            context.Response.OnCompleted(() =>
            {
                completed = true;
                return Task.CompletedTask;
            });
            context.Response.BodyWriter.Write("ten bytes!"u8);
            context.Response.ContentLength = length;
            context.Response.StatusCode = status;
            return Task.CompletedTask;
        });
        await using InMemoryConnection client = server.Connect();

        Assert.Equal(500, (await client.RoundTripAsync(Get)).Status);
        await Eventually.HoldsAsync(() => completed);
    }

    [Fact]
    public async Task Both_framing_fields_set_by_the_application_never_go_out_together()
    {
        await using FrontServer server = await FrontServer.StartAsync(async context =>
        {
            context.Response.ContentLength = 3;
            context.Response.Headers.TransferEncoding = "chunked";
            await context.Response.Body.WriteAsync("3\r\nabc\r\n0\r\n\r\n"u8.ToArray());
        });
        await using InMemoryConnection client = server.Connect();

        RawResponse response = await client.RoundTripAsync(Get);

        Assert.Null(response["Content-Length"]);
        Assert.Equal("abc", response.Text);
    }
}
