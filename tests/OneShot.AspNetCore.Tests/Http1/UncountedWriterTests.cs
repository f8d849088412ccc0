using System.IO.Pipelines;
using OneShot.AspNetCore.Tests.Http1.Transport;

namespace OneShot.AspNetCore.Tests.Http1;

/// <summary>A connection middleware may put in a writer that does not count its unflushed bytes: <see cref="PipeWriter"/> lets it.</summary>
public sealed class UncountedWriterTests
{
    private const string Get = "GET / HTTP/1.1\r\nHost: a\r\n\r\n";

    [Theory]
    [InlineData(0)]
    [InlineData(4096)]
    public async Task Requests_are_answered_all_the_same(int room)
    {
        await using FrontServer server = await FrontServer.StartAsync(
            async context =>
            {
                if (context.Request.Method == "POST")
                {
                    await context.Request.BodyReader.CopyToAsync(context.Response.BodyWriter);
                    return;
                }

                _ = context.Response.WriteAsync(new string('a', 20_000)); // not awaited: it is queued
                await context.Response.WriteAsync("end");
            },
            endpoint: listen => listen.Use(next => async connection =>
            {
                IDuplexPipe transport = connection.Transport;
                connection.Transport = new Pair(transport.Input, new Uncounted(transport.Output));
                await next(connection);
            }));
        await using InMemoryConnection client = server.Connect(room);

        for (int i = 0; i < 3; i++)
        {
            Task sent = client.SendAsync(Get + Get); // pipelined, so that an answer may be held back
            for (int j = 0; j < 2; j++)
            {
                RawResponse response = await client.ReadResponseAsync();
                Assert.Equal((200, 20_003), (response.Status, response.Text.Length));
            }

            await sent;
            Assert.Equal("hello", (await client.RoundTripAsync("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nhello")).Text);
        }
    }

    private sealed record Pair(PipeReader Input, PipeWriter Output) : IDuplexPipe;

    private sealed class Uncounted(PipeWriter inner) : PipeWriter
    {
        public override void Advance(int bytes) => inner.Advance(bytes);

        public override Memory<byte> GetMemory(int sizeHint = 0) => inner.GetMemory(sizeHint);

        public override Span<byte> GetSpan(int sizeHint = 0) => inner.GetSpan(sizeHint);

        public override ValueTask<FlushResult> FlushAsync(CancellationToken cancellationToken = default) => inner.FlushAsync(cancellationToken);

        public override void CancelPendingFlush() => inner.CancelPendingFlush();

        public override void Complete(Exception? exception = null) => inner.Complete(exception);
    }
}
