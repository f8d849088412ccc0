using Microsoft.AspNetCore.Connections.Features;
using OneShot.AspNetCore.Tests.Http1.Transport;

namespace OneShot.AspNetCore.Tests.Http1;

/// <summary>
/// The server stops behind an answer that has promised to keep the connection, and in front of a request that has trusted in that and is here
/// already: it is answered, once, and told that it was the last. Kestrel drops it.
/// </summary>
public sealed class StopBehindPromiseTests
{
    private const string First = "GET /first HTTP/1.1\r\nHost: a\r\n\r\n";
    private const string Second = "POST /second HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\n\r\nabc";

    [Theory]
    [InlineData(First + Second)]
    [InlineData(First + "\r\n" + Second)]
    [InlineData(First + Second + First)] // the last one has not been promised anything
    public async Task The_request_that_is_here_is_the_last_one_answered(string requests)
    {
        var stop = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var stopped = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using FrontServer server = await FrontServer.StartAsync(
            async context =>
            {
                using var body = new StreamReader(context.Request.Body);
                string text = await body.ReadToEndAsync();
                context.Response.ContentLength = text.Length + context.Request.Path.Value!.Length;
                await context.Response.StartAsync();
                if (context.Request.Path == "/first")
                {
                    stop.TrySetResult();
                    await stopped.Task; // behind the head, which has promised
                }

                await context.Response.WriteAsync(text + context.Request.Path.Value);
            },
            front: true,
            endpoint: listen => listen.Use(next => connection =>
            {
                _ = connection.Features.Get<IConnectionLifetimeNotificationFeature>()!.ConnectionClosedRequested.Register(() => stopped.TrySetResult());
                return next(connection);
            }));
        await using InMemoryConnection connection = server.Connect();
        await connection.SendAsync(requests);
        await stop.Task;
        Task stopping = server.StopAsync();
        string answers = await connection.ReadUntilAsync("never");
        await stopping;

        string[] parts = answers.Split("HTTP/1.1 200 OK\r\n", StringSplitOptions.RemoveEmptyEntries);
        Assert.Equal(2, parts.Length);
        Assert.DoesNotContain("Connection: close", parts[0], StringComparison.Ordinal);
        Assert.EndsWith("\r\n\r\n/first", parts[0], StringComparison.Ordinal);
        Assert.Contains("Connection: close", parts[1], StringComparison.Ordinal);
        Assert.EndsWith("\r\n\r\nabc/second", parts[1], StringComparison.Ordinal);
    }
}
