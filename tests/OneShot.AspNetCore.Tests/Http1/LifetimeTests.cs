using Microsoft.AspNetCore.Http.Features;
using OneShot.AspNetCore.Requests;
using OneShot.AspNetCore.Tests.Http1.Transport;

namespace OneShot.AspNetCore.Tests.Http1;

public sealed class LifetimeTests
{
    private const string Get = "GET / HTTP/1.1\r\nHost: a\r\n\r\n";

    [Fact]
    public async Task A_client_that_goes_away_fires_the_token_and_gets_its_arena_back_into_the_pool()
    {
        var entered = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var ended = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using FrontServer server = await FrontServer.StartAsync(
            async context =>
            {
                context.Arena.Allocate<byte>(100);
                entered.TrySetResult();
                await Task.Delay(Timeout.Infinite, context.RequestAborted);
            },
            endpoint: listen => listen.Use(next => async connection =>
            {
                await next(connection);
                ended.TrySetResult(); // and the arena was given back before
            }));
        ProcessArena process = server.Services.GetRequiredService<ProcessArena>();
        await using InMemoryConnection client = server.Connect();
        await client.SendAsync(Get);
        await entered.Task.WaitAsync(Limits.Patience);

        await client.ResetAsync();
        await ended.Task.WaitAsync(Limits.Patience);
        // A second request finds the same arena, with the one block that a pooled arena keeps.
        Assert.Equal(process.BlockSize, process.Held);
        await using InMemoryConnection second = server.Connect();
        await second.SendAsync(Get);
        await Eventually.HoldsAsync(() => server.Requests == 2);
        await second.ResetAsync();
        Assert.Equal(process.BlockSize, process.Held);
        Assert.DoesNotContain(server.Log.Entries, entry => entry.Level >= Microsoft.Extensions.Logging.LogLevel.Error);
    }

    [Fact]
    public async Task Abort_cuts_the_connection_without_an_answer_and_the_log_says_499()
    {
        int status = 0;
        await using FrontServer server = await FrontServer.StartAsync(context =>
        {
            context.Response.OnCompleted(() =>
            {
                status = context.Response.StatusCode;
                return Task.CompletedTask;
            });
            context.Abort();
            return Task.CompletedTask;
        });
        await using InMemoryConnection client = server.Connect();

        await client.SendAsync(Get);

        Assert.True(await client.IsClosedByServerAsync());
        await Eventually.HoldsAsync(() => Volatile.Read(ref status) != 0);
        Assert.Equal(499, status);
    }

    [Fact]
    public async Task A_client_that_takes_no_more_fires_the_token_at_the_next_write()
    {
        var told = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var started = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using FrontServer server = await FrontServer.StartAsync(async context =>
        {
            context.RequestAborted.Register(told.SetResult);
            started.SetResult();
            while (!context.RequestAborted.IsCancellationRequested)
            {
                await context.Response.WriteAsync("x");
                await Task.Yield(); // off the client's own thread, on which the server may run
            }
        });
        await using InMemoryConnection client = server.Connect();
        await client.SendAsync(Get);
        await started.Task.WaitAsync(Limits.Patience);

        await client.Input.CompleteAsync();

        await told.Task.WaitAsync(Limits.Patience);
        Assert.DoesNotContain(server.Log.Entries, entry => entry.Level >= Microsoft.Extensions.Logging.LogLevel.Error);
    }

    [Fact]
    public async Task The_token_never_fires_after_the_request_is_complete()
    {
        bool fired = false;
        await using FrontServer server = await FrontServer.StartAsync(context =>
        {
            context.RequestAborted.Register(() => fired = true);
            return Task.CompletedTask;
        });
        await using InMemoryConnection client = server.Connect();

        await client.RoundTripAsync(Get);
        await client.ResetAsync();
        await server.StopAsync();

        Assert.False(fired);
    }

    [Fact]
    public async Task Nothing_of_one_request_is_seen_by_the_next()
    {
        var local = new AsyncLocal<string>();
        var seen = new List<string>();
        await using FrontServer server = await FrontServer.StartAsync(async context =>
        {
            IFeatureCollection features = context.Features;
            seen.Add($"{local.Value}|{context.Items.Count}|{features.Get<IItemsFeature>()?.Items.Count}|{features.Get<Marker>()}|"
                + $"{context.Request.Path}|{context.Request.Headers["X-Mine"]}|{context.Response.Headers["X-Mine"]}|{context.Response.StatusCode}|"
                + $"{context.User.Identity?.Name}|{context.GetEndpoint()}|{context.Request.RouteValues.Count}|{context.Request.ContentType}|"
                + $"{context.Connection.RemotePort}|{features.Get<IHttpMaxRequestBodySizeFeature>()!.MaxRequestBodySize}|{context.TraceIdentifier[^8..]}");
            local.Value = "leaked";
            context.Items["x"] = 1;
            features.Set(new Marker());
            context.Request.Path = "/changed";
            context.Request.Headers["X-Mine"] = "1";
            context.Response.Headers["X-Mine"] = "1";
            context.Response.StatusCode = 299;
            context.User = new System.Security.Claims.ClaimsPrincipal(new System.Security.Claims.ClaimsIdentity("test"));
            context.SetEndpoint(new Endpoint(null, null, "leaked"));
            context.Request.RouteValues["a"] = "b";
            context.Connection.RemotePort = 1;
            context.TraceIdentifier = "mine";
            features.Get<IHttpMaxRequestBodySizeFeature>()!.MaxRequestBodySize = 1;
            await context.Response.WriteAsync("x");
        });
        await using InMemoryConnection client = server.Connect();

        await client.RoundTripAsync(Get);
        await client.RoundTripAsync(Get);

        Assert.EndsWith("00000001", seen[0], StringComparison.Ordinal);
        Assert.EndsWith("00000002", seen[1], StringComparison.Ordinal);
        Assert.Equal(seen[0][..^8], seen[1][..^8]);
    }

    [Fact]
    public async Task Arena_and_spans_are_gone_when_the_request_is()
    {
        IRequestArenaFeature? kept = null;
        await using FrontServer server = await FrontServer.StartAsync(context =>
        {
            kept = context.Features.Get<IRequestArenaFeature>();
            return Task.CompletedTask;
        });
        await using InMemoryConnection client = server.Connect();
        await client.RoundTripAsync(Get);

        await client.FinishSendingAsync();
        Assert.True(await client.IsClosedByServerAsync());

        Assert.Throws<ObjectDisposedException>(() => kept!.Arena);
        Assert.Throws<ObjectDisposedException>(() => kept!.HeaderSpans.Count);
        Assert.Throws<ObjectDisposedException>(() => kept!.ReleaseArena());
    }

    [Fact]
    public async Task Idle_connections_hold_no_arena()
    {
        await using FrontServer server = await FrontServer.StartAsync(_ => Task.CompletedTask);
        ProcessArena process = server.Services.GetRequiredService<ProcessArena>();
        var clients = new List<InMemoryConnection>();
        for (int i = 0; i < 50; i++)
        {
            InMemoryConnection client = server.Connect();
            clients.Add(client);
            await client.RoundTripAsync(Get);
        }

        // Fifty connections, one after the other, took turns on the arenas of the pool; each is back there a moment behind the answer.
        Assert.InRange(process.Used, 0, 16L * process.BlockSize);
        foreach (InMemoryConnection client in clients)
        {
            await client.DisposeAsync();
        }
    }

    private sealed record Marker;

    /// <summary>Or it would go on within the memory of the next request.</summary>
    [Fact]
    public async Task A_read_left_behind_has_ended_before_its_connection_has_also_where_that_was_aborted()
    {
        Task? read = null;
        var ended = new TaskCompletionSource<bool>(TaskCreationOptions.RunContinuationsAsynchronously);
        await using FrontServer server = await FrontServer.StartAsync(
            context =>
            {
                read = context.Request.Body.ReadAsync(new byte[1]).AsTask();
                context.Abort();
                Assert.False(read.IsCompleted);
                return Task.CompletedTask;
            },
            endpoint: listen => listen.Use(next => async connection =>
            {
                await next(new SlowlyAbortedConnection(connection));
                ended.SetResult(read!.IsCompleted);
            }));
        await using InMemoryConnection client = server.Connect();

        await client.SendAsync("POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n");

        Assert.True(await ended.Task.WaitAsync(Limits.Patience));
        await Assert.ThrowsAnyAsync<Exception>(() => read!);
    }
}
