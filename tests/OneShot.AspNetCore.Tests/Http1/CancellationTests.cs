using System.IO.Pipelines;
using System.Text;
using OneShot.AspNetCore.Tests.Http1.Transport;

namespace OneShot.AspNetCore.Tests.Http1;

/// <summary>Tokens given to reads and writes: what they cancel, and what goes on. Writes as on stock Kestrel; what its reads do depends on the framing.</summary>
public sealed class CancellationTests
{
    private const string ByLength = "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\n\r\n";
    private const string InChunks = "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n";
    private const string Get = "GET / HTTP/1.1\r\nHost: a\r\n\r\n";

    [Theory]
    [InlineData(ByLength, "abc")]
    [InlineData(InChunks, "3\r\nabc\r\n0\r\n\r\n")]
    public async Task A_cancelled_read_loses_no_byte(string head, string body)
    {
        var waiting = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        using var source = new CancellationTokenSource();
        await using FrontServer server = await FrontServer.StartAsync(
            async context =>
            {
                await ReadCancelledAsync(context.Request, waiting, source.Token);
                using var reader = new StreamReader(context.Request.Body);
                await context.Response.WriteAsync(await reader.ReadToEndAsync());
            });
        await using InMemoryConnection client = server.Connect();
        await client.SendAsync(head);
        await waiting.Task.WaitAsync(Limits.Patience);

        await source.CancelAsync();
        await client.SendAsync(body);

        Assert.Equal("abc", (await client.ReadResponseAsync()).Text);
        Assert.Equal(1, server.Requests);
    }

    [Theory]
    [InlineData(ByLength, "abc")]
    [InlineData(InChunks, "3\r\nabc\r\n0\r\n\r\n")]
    public async Task A_pending_read_that_is_cancelled_says_so_and_the_next_goes_on(string head, string body)
    {
        var waiting = new TaskCompletionSource<PipeReader>(TaskCreationOptions.RunContinuationsAsynchronously);
        await using FrontServer server = await FrontServer.StartAsync(
            async context =>
            {
                PipeReader reader = context.Request.BodyReader;
                ValueTask<ReadResult> pending = reader.ReadAsync();
                waiting.SetResult(reader);
                ReadResult result = await pending;
                Assert.True(result.IsCanceled && result.Buffer.IsEmpty && !result.IsCompleted);
                reader.AdvanceTo(result.Buffer.End);
                result = await reader.ReadAtLeastAsync(3);
                Assert.False(result.IsCanceled);
                string text = Encoding.ASCII.GetString(result.Buffer);
                reader.AdvanceTo(result.Buffer.End);
                await context.Response.WriteAsync(text);
            });
        await using InMemoryConnection client = server.Connect();
        await client.SendAsync(head);

        (await waiting.Task.WaitAsync(Limits.Patience)).CancelPendingRead();
        await client.SendAsync(body);

        Assert.Equal("abc", (await client.ReadResponseAsync()).Text);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_write_whose_token_has_fired_writes_nothing_and_harms_nothing(bool front)
    {
        var fired = new CancellationToken(canceled: true);
        await using FrontServer server = await FrontServer.StartAsync(
            async context =>
            {
                await Assert.ThrowsAnyAsync<OperationCanceledException>(async () => await context.Response.Body.WriteAsync("lost"u8.ToArray(), fired));
                await Assert.ThrowsAnyAsync<OperationCanceledException>(async () => await context.Response.BodyWriter.WriteAsync("lost"u8.ToArray(), fired));
                Assert.False(context.Response.HasStarted);
                await context.Response.WriteAsync("one;");
                await Assert.ThrowsAnyAsync<OperationCanceledException>(async () => await context.Response.Body.WriteAsync("lost"u8.ToArray(), fired));
                await Assert.ThrowsAnyAsync<OperationCanceledException>(async () => await context.Response.BodyWriter.FlushAsync(fired));
                await context.Response.WriteAsync("two");
            },
            front: front);
        await using InMemoryConnection client = server.Connect();

        Assert.Equal("one;two", (await client.RoundTripAsync(Get)).Text);
        Assert.Equal("one;two", (await client.RoundTripAsync(Get)).Text);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_write_that_is_cancelled_while_it_waits_ends_the_connection(bool front)
    {
        var waiting = new TaskCompletionSource<Task>(TaskCreationOptions.RunContinuationsAsynchronously);
        var aborted = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var tags = new ConnectionTags();
        using var source = new CancellationTokenSource();
        await using FrontServer server = await FrontServer.StartAsync(
            async context =>
            {
                context.RequestAborted.Register(aborted.SetResult);
                Task write = context.Response.Body.WriteAsync(new byte[5000], source.Token).AsTask();
                waiting.SetResult(write);
                await Assert.ThrowsAnyAsync<OperationCanceledException>(() => write);
                await aborted.Task;
            },
            front: front,
            endpoint: listen => listen.Use(tags.Wrap));
        await using InMemoryConnection client = server.Connect(room: 1024);
        await client.SendAsync(Get);
        Assert.False((await waiting.Task.WaitAsync(Limits.Patience)).IsCompleted);

        await source.CancelAsync();

        await aborted.Task.WaitAsync(Limits.Patience);
        if (front)
        {
            await Eventually.HoldsAsync(() => client.IsCut && tags.Ended.Count == 1);
            Assert.Equal("write_canceled", tags.Ended[0]["error.type"]); // Kestrel keeps its own of these tags to itself
        }
    }

    private static async Task ReadCancelledAsync(HttpRequest request, TaskCompletionSource waiting, CancellationToken cancellation)
    {
        byte[] buffer = new byte[10];
        Task read = request.Body.ReadAsync(buffer, cancellation).AsTask();
        waiting.SetResult();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => read);
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => request.Body.ReadAsync(buffer, cancellation).AsTask());
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => request.BodyReader.ReadAsync(cancellation).AsTask());
    }
}
