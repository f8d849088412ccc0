using System.IO.Pipelines;
using Microsoft.AspNetCore.Connections.Features;
using OneShot.AspNetCore.Tests.Http1.Transport;

namespace OneShot.AspNetCore.Tests.Http1;

/// <summary>
/// The server stops when part of a head has come. A client that has begun to ask is answered, as on Kestrel; and so is one that has just connected in
/// order to, which Kestrel drops.
/// </summary>
public sealed class StopWithinHeadTests
{
    private const string Request = "POST /a HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\n\r\n";

    public static TheoryData<string, string> Before => new MatrixTheoryData<string, string>(
        ["", "GET /first HTTP/1.1\r\nHost: a\r\n\r\n"], ["", "\r\n"]);

    [Theory]
    [MemberData(nameof(Before))]
    public async Task Wherever_the_stop_cuts_a_head_the_request_gets_what_it_gets_on_Kestrel(string before, string emptyLine)
    {
        int answered = 0;
        string request = emptyLine + Request;
        if (before.Length == 0)
        {
            Assert.Equal("True True abc/a", await StopAtAsync(request, 0, before, front: true));
        }

        for (int cut = before.Length == 0 ? 1 : 0; cut <= request.Length; cut++)
        {
            string[] answers = [await StopAtAsync(request, cut, before, front: false), await StopAtAsync(request, cut, before, front: true)];

            Assert.Equal((cut, answers[0]), (cut, answers[1]));
            answered += answers[0].Length > 0 ? 1 : 0;
        }

        Assert.Equal(Request.Length, answered); // all but those of which nothing, or the empty line, had come
    }

    /// <returns>The status and the Connection field of the answer, and its body; empty when there is none.</returns>
    private static async Task<string> StopAtAsync(string request, int cut, string before, bool front)
    {
        var waits = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var told = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using FrontServer server = await FrontServer.StartAsync(
            async context =>
            {
                using var body = new StreamReader(context.Request.Body);
                string text = await body.ReadToEndAsync();
                context.Response.ContentLength = text.Length + context.Request.Path.Value!.Length;
                await context.Response.WriteAsync(text + context.Request.Path.Value);
            },
            services: static services => services.AddSingleton<TimeProvider>(new ManualClock()), // who has just connected has its half second, however long this machine sleeps
            front: front,
            endpoint: listen => listen.Use(next => async connection =>
            {
                CancellationToken stop = connection.Features.Get<IConnectionLifetimeNotificationFeature>()!.ConnectionClosedRequested;
                _ = stop.Register(told.SetResult); // for good: the server's own callback comes first, and may end the connection
                Task serving = next(connection);
                waits.SetResult();
                await serving;
            }));
        await using InMemoryConnection connection = server.Connect();
        await waits.Task;
        if (before.Length > 0)
        {
            Assert.Equal(200, (await connection.RoundTripAsync(before)).Status);
        }

        await connection.SendAsync(request[..cut]);
        Task stopped = server.StopAsync();
        await told.Task;
        await SendIfOpenAsync(connection, request[cut..] + "abc");
        string answer = await connection.ReadUntilAsync("never");
        await stopped;
        return answer.Length == 0 ? "" : $"{answer.Contains("200 OK", StringComparison.Ordinal)} {answer.Contains("Connection: close", StringComparison.Ordinal)} {answer[(answer.IndexOf("\r\n\r\n", StringComparison.Ordinal) + 4)..]}";
    }

    private static async Task SendIfOpenAsync(InMemoryConnection connection, string text)
    {
        FlushResult sent = await connection.Output.WriteAsync(System.Text.Encoding.Latin1.GetBytes(text));
        _ = sent.IsCompleted; // the server has ended the connection already
    }
}
