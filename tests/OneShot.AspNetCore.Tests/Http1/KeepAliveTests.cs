using OneShot.AspNetCore.Tests.Http1.Transport;

namespace OneShot.AspNetCore.Tests.Http1;

public sealed class KeepAliveTests
{
    private static Task Hello(HttpContext context)
    {
        context.Response.ContentLength = 5;
        return context.Response.WriteAsync("hello");
    }

    [Fact]
    public async Task A_request_is_answered_with_date_and_server_and_the_connection_stays_open()
    {
        await using FrontServer server = await FrontServer.StartAsync(Hello);
        await using InMemoryConnection client = server.Connect();

        for (int i = 0; i < 3; i++)
        {
            RawResponse response = await client.RoundTripAsync("GET / HTTP/1.1\r\nHost: a\r\n\r\n");

            Assert.Equal(200, response.Status);
            Assert.Equal("OK", response.Reason);
            Assert.Equal("hello", response.Text);
            Assert.Equal("Kestrel", response["Server"]);
            Assert.NotNull(response["Date"]);
            Assert.Null(response["Connection"]);
        }

        Assert.Equal(3, server.Requests);
    }

    [Theory]
    [InlineData("Connection: close")]
    [InlineData("Connection: keep-alive, close")]
    [InlineData("connection: x\r\nConnection: CLOSE")]
    public async Task Close_is_answered_with_close_and_the_end_of_the_connection(string field)
    {
        await using FrontServer server = await FrontServer.StartAsync(Hello);
        await using InMemoryConnection client = server.Connect();

        RawResponse response = await client.RoundTripAsync($"GET / HTTP/1.1\r\nHost: a\r\n{field}\r\n\r\n");

        Assert.True(response.SaysClose);
        Assert.True(await client.IsClosedByServerAsync());
    }

    [Fact]
    public async Task Http10_closes_unless_it_asks_to_be_kept_alive()
    {
        await using FrontServer server = await FrontServer.StartAsync(Hello);
        await using InMemoryConnection kept = server.Connect();
        await using InMemoryConnection closed = server.Connect();

        Assert.Equal("keep-alive", (await kept.RoundTripAsync("GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n"))["Connection"]);
        Assert.Equal(200, (await kept.RoundTripAsync("GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n")).Status);

        Assert.True((await closed.RoundTripAsync("GET / HTTP/1.0\r\n\r\n")).SaysClose);
        Assert.True(await closed.IsClosedByServerAsync());
    }

    [Fact]
    public async Task An_http10_response_without_a_length_ends_with_the_connection()
    {
        await using FrontServer server = await FrontServer.StartAsync(context => context.Response.WriteAsync("until the end"));
        await using InMemoryConnection client = server.Connect();

        RawResponse response = await client.RoundTripAsync("GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n");

        Assert.True(response.SaysClose);
        Assert.Null(response["Transfer-Encoding"]);
        Assert.Equal("until the end", response.Text);
    }

    [Fact]
    public async Task Pipelined_requests_are_answered_in_order()
    {
        await using FrontServer server = await FrontServer.StartAsync(async context =>
        {
            await Task.Yield();
            await context.Response.WriteAsync(context.Request.Path);
        });
        await using InMemoryConnection client = server.Connect();

        await client.SendAsync(string.Concat(Enumerable.Range(0, 50).Select(i => $"GET /{i} HTTP/1.1\r\nHost: a\r\n\r\n")));

        for (int i = 0; i < 50; i++)
        {
            Assert.Equal($"/{i}", (await client.ReadResponseAsync()).Text);
        }
    }

    [Fact]
    public async Task A_client_that_leaves_between_requests_is_no_error()
    {
        await using FrontServer server = await FrontServer.StartAsync(Hello);
        await using InMemoryConnection client = server.Connect();
        await client.RoundTripAsync("GET / HTTP/1.1\r\nHost: a\r\n\r\n");

        await client.FinishSendingAsync();

        Assert.True(await client.IsClosedByServerAsync());
        Assert.DoesNotContain(server.Log.Entries, entry => entry.Level >= Microsoft.Extensions.Logging.LogLevel.Warning);
    }

    [Fact]
    public async Task A_graceful_stop_closes_idle_connections_and_lets_active_ones_finish()
    {
        var entered = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var proceed = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using FrontServer server = await FrontServer.StartAsync(async context =>
        {
            if (context.Request.Path == "/slow")
            {
                entered.SetResult();
                await proceed.Task;
            }

            await Hello(context);
        });
        await using InMemoryConnection silent = server.Connect();
        await using InMemoryConnection idle = server.Connect();
        await using InMemoryConnection half = server.Connect();
        await using InMemoryConnection active = server.Connect();
        await idle.RoundTripAsync("GET / HTTP/1.1\r\nHost: a\r\n\r\n");
        await half.SendAsync("GET / HTTP/1.1\r\nHo");
        await active.SendAsync("GET /slow HTTP/1.1\r\nHost: a\r\n\r\n");
        await entered.Task.WaitAsync(Limits.Patience);

        Task stopping = server.StopAsync();
        Assert.True(await silent.IsClosedByServerAsync());
        Assert.True(await idle.IsClosedByServerAsync());
        RawResponse begun = await half.RoundTripAsync("st: a\r\n\r\n"); // a client that has begun to ask is answered, as by Kestrel
        Assert.Equal("hello", begun.Text);
        Assert.True(begun.SaysClose);
        Assert.True(await half.IsClosedByServerAsync());
        proceed.SetResult();
        RawResponse last = await active.ReadResponseAsync();

        Assert.Equal("hello", last.Text);
        Assert.True(last.SaysClose);
        Assert.True(await active.IsClosedByServerAsync());
        await stopping.WaitAsync(Limits.Patience);
    }
}
