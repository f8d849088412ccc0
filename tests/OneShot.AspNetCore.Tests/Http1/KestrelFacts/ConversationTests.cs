using System.Net;
using System.Net.Sockets;
using System.Text;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http.Features;
using OneShot.AspNetCore.Tests.Http1.Transport;

namespace OneShot.AspNetCore.Tests.Http1.KestrelFacts;

/// <summary>What only a real transport shows, over sockets, on stock Kestrel and on the front.</summary>
public sealed class ConversationTests : IAsyncLifetime
{
    private WebApplication _app = null!;
    private int[] _ports = null!;
    private RequestDelegate _application = _ => Task.CompletedTask;

    public async ValueTask InitializeAsync()
    {
        WebApplicationBuilder builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls();
        builder.Services.AddOneShotArena(options => options.Capacity = 4 * 1024 * 1024);
        builder.WebHost.ConfigureKestrel(options =>
        {
            options.Listen(IPAddress.Loopback, 0);
            options.Listen(IPAddress.Loopback, 0, endpoint => endpoint.UseOneShotHttp1());
        });
        _app = builder.Build();
        _app.Run(context => _application(context));
        await _app.StartAsync();
        _ports = [.. _app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.Select(address => new Uri(address).Port)];
    }

    public async ValueTask DisposeAsync() => await _app.DisposeAsync();

    [Theory]
    [InlineData("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\n")]
    [InlineData("POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n")]
    public async Task A_read_that_waits_while_the_application_aborts_is_cancelled(string request)
    {
        List<string> seen = await OnBothAsync(request, async context =>
        {
            Task<int> read = context.Request.Body.ReadAsync(new byte[10]).AsTask();
            await Task.Yield();
            context.Abort();
            return (await Record.ExceptionAsync(() => read.WaitAsync(Limits.Patience)))?.GetType().Name;
        });

        Assert.Equal([nameof(TaskCanceledException), nameof(TaskCanceledException)], seen);
    }

    [Theory]
    [InlineData("GET / HTTP/1.1\r\nHost: a\r\n\r\n")]
    [InlineData("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nab")]
    public async Task After_an_abort_nothing_is_read_and_what_is_written_is_said_to_go_nowhere(string request)
    {
        List<string> seen = await OnBothAsync(request, async context =>
        {
            context.Abort();
            bool completed = (await context.Response.BodyWriter.FlushAsync()).IsCompleted;
            await context.Response.WriteAsync("nobody");
            bool still = (await context.Response.BodyWriter.FlushAsync()).IsCompleted;
            Exception? read = await Record.ExceptionAsync(() => context.Request.Body.ReadAsync(new byte[1]).AsTask());
            var aborted = new TaskCompletionSource();
            context.RequestAborted.Register(aborted.SetResult);
            await aborted.Task.WaitAsync(Limits.Patience);
            return $"{completed} {still} {read?.GetType().Name} {context.Response.HasStarted}";
        });

        Assert.Equal([$"True True {nameof(ConnectionAbortedException)} True", $"True True {nameof(ConnectionAbortedException)} True"], seen);
    }

    [Fact]
    public async Task After_an_upgrade_the_responses_writer_throws_and_the_stream_works()
    {
        List<string> seen = await OnBothAsync("GET / HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: x\r\n\r\n", async context =>
        {
            Stream stream = await context.Features.Get<IHttpUpgradeFeature>()!.UpgradeAsync();
            System.IO.Pipelines.PipeWriter writer = context.Response.BodyWriter;
            Exception?[] thrown =
            [
                Record.Exception(() => writer.GetMemory()),
                Record.Exception(() => writer.GetSpan()),
                Record.Exception(() => writer.Advance(0)),
                await Record.ExceptionAsync(() => writer.FlushAsync().AsTask()),
                await Record.ExceptionAsync(() => writer.WriteAsync("no"u8.ToArray()).AsTask()),
                await Record.ExceptionAsync(() => context.Response.Body.WriteAsync("no"u8.ToArray()).AsTask()),
            ];
            await stream.WriteAsync("raw"u8.ToArray());
            return string.Join(" ", thrown.Select(exception => exception?.GetType().Name ?? "none"));
        });

        Assert.Equal(seen[0], seen[1]);
        Assert.DoesNotContain("none", seen[1], StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("body")]
    [InlineData("writer")]
    public async Task More_than_was_promised_is_an_error_answer_while_nothing_has_been_sent(string way)
    {
        _application = async context =>
        {
            context.Response.ContentLength = 3;
            byte[] bytes = "four"u8.ToArray();
            if (way == "body")
            {
                await context.Response.Body.WriteAsync(bytes);
            }
            else
            {
                await context.Response.BodyWriter.WriteAsync(bytes);
            }
        };
        foreach (int port in _ports)
        {
            string answer = await TalkAsync(port, "GET / HTTP/1.1\r\nHost: a\r\n\r\n");
            Assert.StartsWith("HTTP/1.1 500 ", answer, StringComparison.Ordinal);
            Assert.Contains("Content-Length: 0", answer, StringComparison.Ordinal);
        }
    }

    /// <summary>Has both servers run it, one after the other, and gives what it says.</summary>
    private async Task<List<string>> OnBothAsync(string request, Func<HttpContext, Task<string?>> application)
    {
        List<string> seen = [];
        foreach (int port in _ports)
        {
            var said = new TaskCompletionSource<string>(TaskCreationOptions.RunContinuationsAsynchronously);
            _application = async context =>
            {
                try
                {
                    said.TrySetResult(await application(context) ?? "nothing");
                }
                catch (Exception exception)
                {
                    said.TrySetResult(exception.ToString());
                }
            };
            await TalkAsync(port, request);
            seen.Add(await said.Task.WaitAsync(Limits.Patience));
        }

        return seen;
    }

    private static async Task<string> TalkAsync(int port, string request)
    {
        using var client = new TcpClient();
        await client.ConnectAsync(IPAddress.Loopback, port);
        NetworkStream stream = client.GetStream();
        using var answer = new MemoryStream();
        try
        {
            await stream.WriteAsync(Encoding.Latin1.GetBytes(request));
            await stream.CopyToAsync(answer).WaitAsync(Limits.Patience);
        }
        catch (Exception exception) when (exception is IOException or SocketException)
        {
            // A connection that is cut is reset.
        }

        return Encoding.Latin1.GetString(answer.ToArray());
    }
}
