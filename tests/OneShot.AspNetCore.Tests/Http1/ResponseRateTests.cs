using Microsoft.AspNetCore.Connections.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.Server.Kestrel.Core.Features;
using OneShot.AspNetCore.Tests.Http1.Transport;

namespace OneShot.AspNetCore.Tests.Http1;

/// <summary>
/// How slow a client may be: over a connection that holds a kibibyte, on a clock that moves by hand. The least rate is 240 bytes
/// a second after 5 seconds, Kestrel's own.
/// </summary>
public sealed class ResponseRateTests
{
    private const int Room = 1024;
    private const string Get = "GET / HTTP/1.1\r\nHost: a\r\n\r\n";

    private readonly ManualClock _clock = new();
    private readonly ConnectionTags _tags = new();

    private Task<FrontServer> StartAsync(RequestDelegate application, Action<KestrelServerOptions>? kestrel = null) => FrontServer.StartAsync(
        application,
        kestrel: kestrel,
        services: services => services.AddSingleton<TimeProvider>(_clock),
        endpoint: listen =>
        {
            listen.Use(next => connection =>
            {
                connection.Features.Set<IConnectionHeartbeatFeature>(_clock);
                return next(connection);
            });
            listen.Use(_tags.Wrap);
        });

    [Theory]
    [InlineData(2048, 8)] // a little more than 2048 bytes, head included, at 240 a second
    [InlineData(1100, 5)] // the grace period, when the bytes would take less
    public async Task A_client_that_takes_nothing_is_cut_when_its_time_is_up(int size, int seconds)
    {
        var waiting = new TaskCompletionSource<Task>(TaskCreationOptions.RunContinuationsAsynchronously);
        var aborted = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using FrontServer server = await StartAsync(async context =>
        {
            context.RequestAborted.Register(aborted.SetResult);
            Task write = context.Response.Body.WriteAsync(new byte[size]).AsTask();
            waiting.SetResult(write);
            await write;
            await aborted.Task;
        });
        await using InMemoryConnection client = server.Connect(Room);
        await client.SendAsync(Get);
        Assert.False((await waiting.Task.WaitAsync(Limits.Patience)).IsCompleted);

        _clock.Advance(TimeSpan.FromSeconds(seconds));
        Assert.False(client.IsCut);
        _clock.Advance(TimeSpan.FromSeconds(2));

        Assert.True(client.IsCut);
        await aborted.Task.WaitAsync(Limits.Patience);
        await Eventually.HoldsAsync(() => _tags.Ended.Count == 1);
        Assert.Equal("min_response_data_rate", _tags.Ended[0]["error.type"]);
        Assert.Single(server.Log.Entries, entry => entry.Event.Name == "ConnectionTimedOut" && entry.Level == LogLevel.Debug);
        Assert.DoesNotContain(server.Log.Entries, entry => entry.Level >= LogLevel.Error);
    }

    [Theory]
    [InlineData(300, true, false)]
    [InlineData(100, true, true)]
    [InlineData(300, false, false)] // an application that does not wait: each byte counts, and counts once
    [InlineData(200, false, true)]
    public async Task A_client_that_takes_so_many_bytes_a_second_gets_them_all_or_is_cut(int rate, bool awaits, bool isCut)
    {
        const int Total = 30_000;
        await using FrontServer server = await StartAsync(async context =>
        {
            context.Response.ContentLength = Total;
            for (int i = 0; i < Total / 1000; i++)
            {
                Task write = context.Response.Body.WriteAsync(new byte[1000]).AsTask();
                await (awaits ? write : Task.CompletedTask);
            }
        });
        await using InMemoryConnection client = server.Connect(Room);
        await client.SendAsync(Get);
        await client.ReadUntilAsync("\r\n\r\n");

        int taken = 0;
        while (taken < Total && !client.IsCut)
        {
            int count = Math.Min(rate, Total - taken);
            taken += (await client.ReadTextAsync(count)).Length;
            _clock.Advance(TimeSpan.FromSeconds(1));
        }

        Assert.Equal(isCut, client.IsCut);
        Assert.Equal(isCut, taken < Total);
    }

    [Fact]
    public async Task A_client_may_take_as_long_as_the_application_allows()
    {
        var waiting = new TaskCompletionSource<Task>(TaskCreationOptions.RunContinuationsAsynchronously);
        await using FrontServer server = await StartAsync(async context =>
        {
            context.Features.Get<IHttpMinResponseDataRateFeature>()!.MinDataRate = null;
            context.Response.ContentLength = 5000;
            Task write = context.Response.Body.WriteAsync(new byte[5000]).AsTask();
            waiting.TrySetResult(write);
            await write;
        });
        await using InMemoryConnection client = server.Connect(Room);
        await client.SendAsync(Get);
        await waiting.Task.WaitAsync(Limits.Patience);

        _clock.Advance(TimeSpan.FromHours(1));

        Assert.False(client.IsCut);
        Assert.Equal(5000, (await client.ReadResponseAsync()).Body.Length);
    }

    [Fact]
    public async Task What_a_client_leaves_in_the_connection_at_its_end_is_not_waited_for_for_ever()
    {
        await using FrontServer server = await StartAsync(
            context => context.Response.WriteAsync("never taken"), options => options.Limits.MaxResponseBufferSize = 2400);
        await using InMemoryConnection client = server.Connect();
        await client.SendAsync("GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n");
        await Eventually.HoldsAsync(() => _tags.Ended.Count == 1);

        // Two full buffers may take 20 seconds, behind the 5 that the last write was given: one may be that of a middleware such as TLS.
        _clock.Advance(TimeSpan.FromSeconds(25));
        Assert.False(client.IsCut);
        _clock.Advance(TimeSpan.FromSeconds(2));

        Assert.True(client.IsCut);
    }

    [Theory]
    [InlineData(0, false)] // no rate at all
    [InlineData(48, false)] // two buffers in 100 seconds
    [InlineData(240, true)]
    public async Task The_last_response_is_drained_at_the_rate_that_its_request_asked_for(double rate, bool isCut)
    {
        await using FrontServer server = await StartAsync(
            context =>
            {
                context.Features.Get<IHttpMinResponseDataRateFeature>()!.MinDataRate = rate == 0 ? null : new MinDataRate(rate, TimeSpan.FromSeconds(5));
                return context.Response.WriteAsync("not taken yet");
            },
            options => options.Limits.MaxResponseBufferSize = 2400);
        await using InMemoryConnection client = server.Connect();
        await client.SendAsync("GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n");
        await Eventually.HoldsAsync(() => _tags.Ended.Count == 1);

        _clock.Advance(TimeSpan.FromSeconds(90));

        Assert.Equal(isCut, client.IsCut);
    }

    [Fact]
    public async Task Without_a_limit_to_the_buffers_there_is_none_to_the_last_drain()
    {
        await using FrontServer server = await StartAsync(
            context => context.Response.WriteAsync("not taken yet"), options => options.Limits.MaxResponseBufferSize = null);
        await using InMemoryConnection client = server.Connect();
        await client.SendAsync("GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n");
        await Eventually.HoldsAsync(() => _tags.Ended.Count == 1);

        _clock.Advance(TimeSpan.FromHours(1));

        Assert.False(client.IsCut);
    }

    [Fact]
    public async Task The_rate_of_a_request_ends_with_it()
    {
        await using FrontServer server = await StartAsync(
            context =>
            {
                context.Features.Get<IHttpMinResponseDataRateFeature>()!.MinDataRate = null;
                return context.Response.WriteAsync("not taken yet");
            },
            options =>
            {
                options.Limits.MaxResponseBufferSize = 2400;
                options.Limits.KeepAliveTimeout = TimeSpan.FromSeconds(30);
            });
        await using InMemoryConnection client = server.Connect();
        await client.SendAsync(Get);
        await Eventually.HoldsAsync(() =>
        {
            _clock.Advance(TimeSpan.FromSeconds(1));
            return _tags.Ended.Count == 1;
        });

        _clock.Advance(TimeSpan.FromSeconds(30));

        Assert.True(client.IsCut);
    }
}
