using System.Buffers;
using Microsoft.AspNetCore.Connections.Features;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.Primitives;
using OneShot.AspNetCore.Tests.Http1.Transport;

namespace OneShot.AspNetCore.Tests.Http1;

/// <summary>What applications and middleware do, and get, on stock Kestrel: nearly each test runs on both, with and without the front.</summary>
public sealed class DropInTests
{
    private const string Get = "GET / HTTP/1.1\r\nHost: a\r\n\r\n";
    private const string Post = "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\n\r\nabc";
    private const string Upgrade = "GET / HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: x\r\n\r\n";

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task An_upgraded_connection_whose_handler_throws_ends_after_what_it_has_written(bool front)
    {
        await using FrontServer server = await FrontServer.StartAsync(
            async context =>
            {
                Stream stream = await context.Features.Get<IHttpUpgradeFeature>()!.UpgradeAsync();
                await stream.WriteAsync("last words"u8.ToArray());
                throw new InvalidOperationException("left behind");
            },
            front: front);
        await using InMemoryConnection client = server.Connect();

        Assert.Equal(101, (await client.RoundTripAsync(Upgrade)).Status);
        Assert.Equal("last words", await client.ReadTextAsync(10));
        Assert.True(await client.IsClosedByServerAsync());
        Assert.False(client.IsCut, "a reset takes from the client what it has not read yet");
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task An_upgraded_request_has_no_body_to_limit(bool front)
    {
        await using FrontServer server = await FrontServer.StartAsync(
            async context =>
            {
                Stream stream = await context.Features.Get<IHttpUpgradeFeature>()!.UpgradeAsync();
                bool hasBody = context.Features.Get<IHttpRequestBodyDetectionFeature>()!.CanHaveBody;
                IHttpMaxRequestBodySizeFeature limit = context.Features.Get<IHttpMaxRequestBodySizeFeature>()!;
                bool throws = Record.Exception(() => limit.MaxRequestBodySize = 1) is InvalidOperationException;
                await stream.WriteAsync(System.Text.Encoding.ASCII.GetBytes($"{hasBody} {limit.IsReadOnly} {throws}."));
            },
            front: front);
        await using InMemoryConnection client = server.Connect();

        Assert.Equal(101, (await client.RoundTripAsync(Upgrade)).Status);
        Assert.Equal("False True True.", await client.ReadUntilAsync("."));
    }

    [Theory]
    [InlineData(true, false)]
    [InlineData(false, false)]
    [InlineData(true, true)]
    [InlineData(false, true)]
    public async Task A_handler_that_gives_up_because_its_client_has_gone_is_499_and_no_error(bool front, bool promises)
    {
        int status = await StatusOfAbandonedAsync(front, isError: false, async context =>
        {
            context.Response.ContentLength = promises ? 10 : null;
            await AbortedAsync(context);
        });

        Assert.Equal(499, status);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_response_that_its_client_has_left_within_is_no_error(bool front)
    {
        int status = await StatusOfAbandonedAsync(front, isError: false, async context =>
        {
            context.Response.ContentLength = 10;
            await context.Response.WriteAsync("abc");
            await AbortedAsync(context);
        });

        Assert.Equal(200, status);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_handler_that_fails_after_its_client_has_gone_is_499_and_an_error(bool front)
    {
        int status = await StatusOfAbandonedAsync(front, isError: true, async context =>
        {
            await AbortedAsync(context);
            throw new InvalidOperationException("for a reason of its own");
        });

        Assert.Equal(499, status);
    }

    [Theory]
    [InlineData(true, false)]
    [InlineData(false, false)]
    [InlineData(true, true)]
    [InlineData(false, true)]
    public async Task Less_than_was_promised_is_an_error_where_the_response_is_completed(bool front, bool fromCallback)
    {
        Exception? thrown = null;
        await using FrontServer server = await FrontServer.StartAsync(
            async context =>
            {
                if (fromCallback)
                {
                    context.Response.OnStarting(async () =>
                    {
                        await Task.Yield();
                        context.Response.ContentLength = 10;
                    });
                }
                else
                {
                    context.Response.ContentLength = 10;
                }

                thrown = await Record.ExceptionAsync(context.Response.CompleteAsync);
            },
            front: front);
        await using InMemoryConnection client = server.Connect();

        Assert.Equal(500, (await client.RoundTripAsync(Get)).Status);
        Assert.IsType<InvalidOperationException>(thrown);
        Assert.Equal(500, (await client.RoundTripAsync(Get)).Status);
    }

    /// <summary>A callback that sets a field the response must not be without has failed: without it, the response must not go out.</summary>
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task After_a_callback_before_the_start_has_failed_the_answer_is_an_error_whatever_is_written(bool front)
    {
        Exception? second = null;
        await using FrontServer server = await FrontServer.StartAsync(
            async context =>
            {
                context.Response.OnStarting(() => throw new InvalidOperationException("no field"));
                await Record.ExceptionAsync(() => context.Response.WriteAsync("first"));
                second = await Record.ExceptionAsync(() => context.Response.WriteAsync("second"));
            },
            front: front);
        await using InMemoryConnection client = server.Connect();

        RawResponse response = await client.RoundTripAsync(Get);

        Assert.Equal((500, ""), (response.Status, response.Text));
        Assert.IsType<ObjectDisposedException>(second);
        Assert.Single(server.Log.Entries, entry => entry.Level == LogLevel.Error);
        Assert.Equal(500, (await client.RoundTripAsync(Get)).Status);
    }

    [Theory]
    [InlineData(true, "Content-Length: 3\r\n\r\nabc")]
    [InlineData(false, "Content-Length: 3\r\n\r\nabc")]
    [InlineData(true, "Transfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n")]
    [InlineData(false, "Transfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n")]
    public async Task A_body_completed_with_an_exception_is_an_error(bool front, string rest)
    {
        await using FrontServer server = await FrontServer.StartAsync(
            async context => await context.Request.BodyReader.CompleteAsync(new InvalidOperationException("no use of it")),
            front: front);
        await using InMemoryConnection client = server.Connect();

        Assert.Equal(500, (await client.RoundTripAsync("POST / HTTP/1.1\r\nHost: a\r\n" + rest)).Status);
        Assert.Contains(server.Log.Entries, entry => entry.Exception?.Message == "no use of it");
        Assert.Equal(200, (await client.RoundTripAsync(Get)).Status);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task No_body_can_be_read_after_it_was_completed(bool front)
    {
        await using FrontServer server = await FrontServer.StartAsync(
            async context =>
            {
                await context.Request.BodyReader.CompleteAsync();
                int read = await context.Request.Body.ReadAsync(new byte[1]);
                await context.Response.WriteAsync(read.ToString(System.Globalization.CultureInfo.InvariantCulture));
            },
            front: front);
        await using InMemoryConnection client = server.Connect();

        Assert.Equal("0", (await client.RoundTripAsync(Get)).Text);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_feature_set_to_null_is_the_connections_again_if_it_has_one(bool front)
    {
        await using FrontServer server = await FrontServer.StartAsync(
            async context =>
            {
                context.Features.Set<IMemoryPoolFeature>(null);
                context.Features.Set<IHttpUpgradeFeature>(null);
                await context.Response.WriteAsync(
                    $"{context.Features.Get<IMemoryPoolFeature>() is null} {context.Features[typeof(IMemoryPoolFeature)] is null} "
                    + $"{context.Features.Get<IHttpUpgradeFeature>() is null} {context.Features[typeof(IHttpUpgradeFeature)] is null}");
            },
            front: front,
            endpoint: listen => listen.Use(next => connection =>
            {
                connection.Features.Set<IMemoryPoolFeature>(new Pool());
                return next(connection);
            }));
        await using InMemoryConnection client = server.Connect();

        Assert.Equal("False False True True", (await client.RoundTripAsync(Get)).Text);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_stream_set_the_old_way_is_the_responses(bool front)
    {
        var taken = new MemoryStream();
        await using FrontServer server = await FrontServer.StartAsync(
            async context =>
            {
#pragma warning disable CS0618 // old middleware still does it
                context.Features.Get<IHttpResponseFeature>()!.Body = taken;
#pragma warning restore CS0618
                await context.Response.Body.WriteAsync("taken"u8.ToArray());
            },
            front: front);
        await using InMemoryConnection client = server.Connect();

        Assert.Equal("", (await client.RoundTripAsync(Get)).Text);
        Assert.Equal(5, taken.Length);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_value_that_is_null_is_no_line(bool front)
    {
        await using FrontServer server = await FrontServer.StartAsync(
            context =>
            {
                context.Response.Headers["X-Some"] = new StringValues([null, "a", ""]);
                context.Response.Headers["X-None"] = new StringValues([null]);
                return Task.CompletedTask;
            },
            front: front);
        await using InMemoryConnection client = server.Connect();

        RawResponse response = await client.RoundTripAsync(Get);

        Assert.Equal(["a", ""], response.Fields.Where(field => field.Key == "X-Some").Select(field => field.Value));
        Assert.DoesNotContain(response.Fields, field => field.Key == "X-None");
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_response_header_that_is_missing_is_no_key_of_the_dictionary(bool front)
    {
        await using FrontServer server = await FrontServer.StartAsync(
            async context =>
            {
                IDictionary<string, StringValues> headers = context.Response.Headers;
                Exception? missing = Record.Exception(() => headers["X-None"]);
                await context.Response.StartAsync();
                Exception? late = Record.Exception(() => headers.Add("X-None", StringValues.Empty));
                await context.Response.WriteAsync($"{missing?.GetType().Name} {late?.GetType().Name}");
            },
            front: front);
        await using InMemoryConnection client = server.Connect();

        Assert.Equal("KeyNotFoundException InvalidOperationException", (await client.RoundTripAsync(Get)).Text);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Response_headers_may_be_removed_while_they_are_enumerated(bool front)
    {
        await using FrontServer server = await FrontServer.StartAsync(
            context =>
            {
                context.Response.Headers["X-A"] = "1";
                context.Response.Headers["X-B"] = "2";
                context.Response.Headers["X-C"] = "3";
                foreach ((string name, _) in context.Response.Headers)
                {
                    context.Response.Headers.Remove(name);
                }

                return Task.CompletedTask;
            },
            front: front);
        await using InMemoryConnection client = server.Connect();

        Assert.DoesNotContain((await client.RoundTripAsync(Get)).Fields, field => field.Key.StartsWith("X-", StringComparison.Ordinal));
    }

    /// <summary>As middleware does that finds, at the start, that the client has it already. Kestrel, over sockets, drops them too.</summary>
    [Theory]
    [InlineData(10)]
    [InlineData(10_000)]
    public async Task Bytes_before_the_head_are_dropped_where_the_status_allows_no_body(int length)
    {
        await using FrontServer server = await FrontServer.StartAsync(
            context =>
            {
                context.Response.OnStarting(() =>
                {
                    context.Response.StatusCode = 304;
                    return Task.CompletedTask;
                });
                context.Response.BodyWriter.Write(new byte[length]);
                return Task.CompletedTask;
            });
        await using InMemoryConnection client = server.Connect();

        Assert.Equal(304, (await client.RoundTripAsync(Get)).Status);
        Assert.Equal(304, (await client.RoundTripAsync(Get)).Status);
    }

    /// <summary>Middleware around a WebSocket that drains the body, or ends the stream it has put around the response's.</summary>
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task After_an_upgrade_the_bodies_are_not_the_new_protocols_bytes(bool front)
    {
        await using FrontServer server = await FrontServer.StartAsync(
            async context =>
            {
                Stream before = context.Response.Body;
                Stream stream = await context.Features.Get<IHttpUpgradeFeature>()!.UpgradeAsync();
                int read = await context.Request.Body.ReadAsync(new byte[1]);
                bool ended = (await context.Request.BodyReader.ReadAsync()).IsCompleted;
                Exception? written = await Record.ExceptionAsync(() => before.WriteAsync("no"u8.ToArray()).AsTask());
                Exception? flushed = await Record.ExceptionAsync(() => context.Response.Body.FlushAsync());
                byte[] first = new byte[2];
                await stream.ReadExactlyAsync(first);
                await stream.WriteAsync(System.Text.Encoding.ASCII.GetBytes(
                    $"{read} {ended} {written?.GetType().Name} {flushed?.GetType().Name} {System.Text.Encoding.ASCII.GetString(first)}."));
            },
            front: front);
        await using InMemoryConnection client = server.Connect();

        Assert.Equal(101, (await client.RoundTripAsync(Upgrade + "hi")).Status);
        Assert.Equal("0 True InvalidOperationException InvalidOperationException hi.", await client.ReadUntilAsync("."));
    }

    /// <summary>On sockets, the end of what the client sends fires the token.</summary>
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_body_that_its_client_ends_too_early_is_400_in_the_log(bool front)
    {
        var entered = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var status = new TaskCompletionSource<int>(TaskCreationOptions.RunContinuationsAsynchronously);
        var closing = new TaskCompletionSource<Action>(TaskCreationOptions.RunContinuationsAsynchronously);
        await using FrontServer server = await FrontServer.StartAsync(
            async context =>
            {
                context.Response.OnCompleted(() =>
                {
                    status.SetResult(context.Response.StatusCode);
                    return Task.CompletedTask;
                });
                entered.SetResult();
                await AbortedAsync(context);
                await context.Request.Body.CopyToAsync(Stream.Null);
            },
            front: front,
            endpoint: listen => listen.Use(next => connection =>
            {
                closing.SetResult(((InMemoryConnectionContext)connection).End);
                return next(connection);
            }));
        await using InMemoryConnection client = server.Connect();
        await client.SendAsync("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 9\r\n\r\nabc");
        await entered.Task.WaitAsync(Limits.Patience);

        await client.FinishSendingAsync();
        (await closing.Task)();

        Assert.Equal(400, await status.Task.WaitAsync(Limits.Patience));
    }

    /// <summary>Runs a handler whose client resets the connection, and gives the status that the log sees.</summary>
    private static async Task<int> StatusOfAbandonedAsync(bool front, bool isError, RequestDelegate handler)
    {
        var entered = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var status = new TaskCompletionSource<int>(TaskCreationOptions.RunContinuationsAsynchronously);
        await using FrontServer server = await FrontServer.StartAsync(
            context =>
            {
                context.Response.OnCompleted(() =>
                {
                    status.SetResult(context.Response.StatusCode);
                    return Task.CompletedTask;
                });
                Task running = handler(context);
                entered.SetResult();
                return running;
            },
            front: front);
        await using InMemoryConnection client = server.Connect();
        await client.SendAsync(Post);
        await entered.Task.WaitAsync(Limits.Patience);

        await client.ResetAsync();

        int seen = await status.Task.WaitAsync(Limits.Patience);
        Assert.Equal(isError, server.Log.Entries.Any(entry => entry.Level >= LogLevel.Error));
        return seen;
    }

    private static Task AbortedAsync(HttpContext context)
    {
        var aborted = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        context.RequestAborted.Register(aborted.SetResult);
        return aborted.Task;
    }

    private sealed class Pool : IMemoryPoolFeature
    {
        public MemoryPool<byte> MemoryPool => MemoryPool<byte>.Shared;
    }
}
