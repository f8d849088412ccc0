using System.IO.Pipelines;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using OneShot.AspNetCore.Tests.Http1.Transport;

namespace OneShot.AspNetCore.Tests.Http1;

/// <summary>What the front does before it knows that a connection is its own.</summary>
public sealed class FirstReadTests
{
    public static TheoryData<Exception> Failures =>
    [
        new InvalidDataException(), new InvalidOperationException(), new OperationCanceledException(), new ObjectDisposedException("a"),
        new IOException(), new ConnectionResetException(""), new ConnectionAbortedException(),
    ];

    [Theory]
    [MemberData(nameof(Failures), DisableDiscoveryEnumeration = true)]
    public async Task A_first_read_that_fails_ends_the_connection_as_on_Kestrel(Exception failure)
    {
        List<string> ends = [];
        foreach (bool front in new[] { false, true })
        {
            var end = new TaskCompletionSource<string>();
            await using FrontServer server = await FrontServer.StartAsync(
                context => context.Response.WriteAsync("never"),
                front: front,
                endpoint: listen => listen.Use(next => async connection =>
                {
                    var broken = new Pipe();
                    await broken.Writer.CompleteAsync(failure);
                    connection.Transport = new BrokenPipe(broken.Reader, connection.Transport.Output);
                    Exception? thrown = await Record.ExceptionAsync(() => next(connection));
                    end.SetResult(thrown?.GetType().Name ?? "in order");
                }));
            await using InMemoryConnection client = server.Connect();

            ends.Add(await end.Task.WaitAsync(Limits.Patience));
        }

        Assert.Equal(["in order", "in order"], ends);
    }

    [Theory]
    [InlineData(HttpProtocols.Http1)]
    [InlineData(HttpProtocols.Http1AndHttp2)]
    public async Task A_client_of_HTTP2_is_told_by_Kestrel_to_speak_HTTP1(HttpProtocols protocols)
    {
        List<string> answers = [];
        foreach (bool front in new[] { false, true })
        {
            await using FrontServer server = await FrontServer.StartAsync(
                context => context.Response.WriteAsync("never"), front: front, endpoint: listen => listen.Protocols = protocols);
            await using InMemoryConnection client = server.Connect();
            await client.SendAsync("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n");
            answers.Add(await client.ReadUntilAsync("never"));
        }

        Assert.Equal(17, answers[0].Length); // a GOAWAY frame (RFC 9113 section 6.8)
        Assert.Equal(answers[0], answers[1]);
    }

    private sealed record BrokenPipe(PipeReader Input, PipeWriter Output) : IDuplexPipe;
}
