using System.IO.Pipelines;
using OneShot.AspNetCore.Tests.Http1.Transport;

namespace OneShot.AspNetCore.Tests.Http1;

/// <summary>Who writes waits for who reads, in both directions, and nothing between them grows; with stock Kestrel and with the front.</summary>
public sealed class BackPressureTests
{
    private const int Room = 1024;

    public static TheoryData<bool> Servers => [false, true];

    [Theory]
    [MemberData(nameof(Servers))]
    public async Task A_flush_waits_until_the_client_has_taken_enough(bool front)
    {
        var flushing = new TaskCompletionSource<Task>(TaskCreationOptions.RunContinuationsAsynchronously);
        await using FrontServer server = await FrontServer.StartAsync(
            async context =>
            {
                context.Response.ContentLength = 5000;
                Task flush = context.Response.Body.WriteAsync(new byte[5000]).AsTask();
                flushing.SetResult(flush);
                await flush;
            },
            front: front);
        await using InMemoryConnection client = server.Connect(Room);
        await client.SendAsync("GET / HTTP/1.1\r\nHost: a\r\n\r\n");

        Task flush = await flushing.Task.WaitAsync(Limits.Patience);
        Assert.False(flush.IsCompleted);
        Assert.Equal(5000, (await client.ReadResponseAsync()).Body.Length);
        await flush.WaitAsync(Limits.Patience);
    }

    [Theory]
    [InlineData(false, "Content-Length: 100000\r\n\r\n")]
    [InlineData(true, "Content-Length: 100000\r\n\r\n")]
    [InlineData(true, "Transfer-Encoding: chunked\r\n\r\n186A0\r\n")]
    public async Task A_body_that_the_application_does_not_read_is_not_read_ahead(bool front, string framing)
    {
        const int Piece = 500;
        var begun = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var goOn = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using FrontServer server = await FrontServer.StartAsync(
            async context =>
            {
                long length = await context.Request.Body.ReadAsync(new byte[1]);
                begun.SetResult();
                await goOn.Task;
                byte[] buffer = new byte[4096];
                for (int read; (read = await context.Request.Body.ReadAsync(buffer)) > 0;)
                {
                    length += read;
                }

                await context.Response.WriteAsync($"{length}");
            },
            front: front);
        await using InMemoryConnection client = server.Connect(Room);
        await client.SendAsync("POST / HTTP/1.1\r\nHost: a\r\n" + framing);
        await client.SendAsync(new byte[Piece]);
        await begun.Task.WaitAsync(Limits.Patience);

        int sent = Piece;
        Task<FlushResult> sending = Task.FromResult(default(FlushResult));
        while (sending.IsCompleted && sent < 100_000)
        {
            sending = client.Output.WriteAsync(new byte[Piece]).AsTask();
            sent += Piece;
        }

        // One piece was taken by the first read, at most; then the connection fills up.
        Assert.False(sending.IsCompleted);
        Assert.InRange(sent, Room, Room + (3 * Piece));
        goOn.SetResult();
        await sending.WaitAsync(Limits.Patience);
        while (sent < 100_000)
        {
            int piece = Math.Min(Piece, 100_000 - sent);
            await client.SendAsync(new byte[piece]).WaitAsync(Limits.Patience);
            sent += piece;
        }

        if (framing.Contains("chunked", StringComparison.Ordinal))
        {
            await client.SendAsync("\r\n0\r\n\r\n");
        }

        Assert.Equal("100000", (await client.ReadResponseAsync()).Text);
    }
}
