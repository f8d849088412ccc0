using Microsoft.AspNetCore.Connections.Features;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.Server.Kestrel.Core.Features;
using OneShot.AspNetCore.Http1.Timeouts;
using OneShot.AspNetCore.Tests.Http1.Transport;

namespace OneShot.AspNetCore.Tests.Http1;

/// <summary>Every clock of a connection, on a time that only moves when a test moves it.</summary>
public sealed class TimeoutTests
{
    private const string Get = "GET / HTTP/1.1\r\nHost: a\r\n\r\n";

    private readonly ManualClock _clock = new();

    private Task<FrontServer> StartAsync(RequestDelegate application, Action<KestrelServerOptions>? kestrel = null) =>
        StartAsync(application, _clock, kestrel);

    private static Task<FrontServer> StartAsync(RequestDelegate application, ManualClock clock, Action<KestrelServerOptions>? kestrel) => FrontServer.StartAsync(
        application,
        kestrel: options =>
        {
            options.Limits.MinRequestBodyDataRate = FrontServer.UsualBodyRate;
            kestrel?.Invoke(options);
        },
        services: services => services.AddSingleton<TimeProvider>(clock),
        endpoint: listen => listen.Use(next => connection =>
        {
            connection.Features.Set<IConnectionHeartbeatFeature>(clock);
            return next(connection);
        }));

    [Fact]
    public async Task A_connection_that_never_says_a_word_is_closed_without_one()
    {
        await using FrontServer server = await StartAsync(_ => Task.CompletedTask);
        await using InMemoryConnection client = server.Connect();
        await Eventually.HoldsAsync(() => _clock.Connections == 1);

        _clock.Advance(TimeSpan.FromSeconds(129));
        Assert.False(client.Input.TryRead(out _));
        _clock.Advance(TimeSpan.FromSeconds(2));

        Assert.True(await client.IsClosedByServerAsync());
    }

    [Fact]
    public async Task An_idle_connection_is_closed_without_a_word_and_each_request_starts_its_time_anew()
    {
        await using FrontServer server = await StartAsync(_ => Task.CompletedTask);
        await using InMemoryConnection client = server.Connect();
        for (int i = 0; i < 3; i++)
        {
            Assert.Equal(200, (await client.RoundTripAsync(Get)).Status);
            _clock.Advance(TimeSpan.FromSeconds(100));
        }

        // The server may still have been on its way from the last answer to its wait when the clock moved: the time counts from there.
        await Eventually.AdvancesToAsync(_clock, TimeSpan.FromSeconds(131), client.IsClosedByServerAsync());
    }

    [Fact]
    public async Task A_head_that_does_not_end_is_408()
    {
        await using FrontServer server = await StartAsync(_ => Task.CompletedTask);
        await using InMemoryConnection client = server.Connect();
        Assert.Equal(200, (await client.RoundTripAsync(Get)).Status);

        // A byte now and then does not buy more time.
        foreach (char c in "GET / HT")
        {
            await client.SendAsync(c.ToString());
            _clock.Advance(TimeSpan.FromSeconds(3));
        }

        Assert.False(client.Input.TryRead(out _));
        await client.SendAsync("TP/1.1\r\n");
        Task<RawResponse> answer = client.ReadResponseAsync();
        await Eventually.AdvancesToAsync(_clock, TimeSpan.FromSeconds(31), answer);
        RawResponse response = await answer;

        Assert.Equal(408, response.Status);
        Assert.True(response.SaysClose);
        Assert.True(await client.IsClosedByServerAsync());
        Assert.Equal(1, server.Requests);
    }

    [Theory]
    [InlineData("P")]
    [InlineData("PRI * HT")]
    public async Task What_may_still_become_HTTP2_has_no_more_time_than_a_head(string first)
    {
        // An idle connection is ended without a word, and the clock may run ahead of the server: not before the head's time is over.
        await using FrontServer server = await StartAsync(_ => Task.CompletedTask, kestrel: options => options.Limits.KeepAliveTimeout = TimeSpan.FromDays(10));
        await using InMemoryConnection client = server.Connect();
        await Eventually.HoldsAsync(() => _clock.Connections == 1);
        await client.SendAsync(first);
        Task<RawResponse> answer = client.ReadResponseAsync();

        await Eventually.AdvancesToAsync(_clock, TimeSpan.FromSeconds(1), answer);

        Assert.Equal(408, (await answer).Status);
        Assert.True(await client.IsClosedByServerAsync());
        Assert.Equal(0, server.Requests);
    }

    [Fact]
    public async Task What_did_not_become_HTTP2_is_served_in_its_time()
    {
        await using FrontServer server = await StartAsync(_ => Task.CompletedTask);
        await using InMemoryConnection client = server.Connect();
        await Eventually.HoldsAsync(() => _clock.Connections == 1);
        for (int i = 0; i < 3; i++)
        {
            await client.SendAsync("P");
            _clock.Advance(TimeSpan.FromSeconds(20));
            Assert.Equal(200, (await client.RoundTripAsync("OST / HTTP/1.1\r\nHost: a\r\nContent-Length: 0\r\n\r\n")).Status);
            _clock.Advance(TimeSpan.FromSeconds(40));
        }
    }

    [Theory]
    [InlineData("Content-Length: 100000\r\n\r\n", "x")]
    [InlineData("Transfer-Encoding: chunked\r\n\r\n", "1\r\nx\r\n")]
    public async Task A_body_that_comes_too_slowly_is_408(string rest, string piece)
    {
        var waiting = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        Exception? seen = null;
        await using FrontServer server = await StartAsync(async context =>
        {
            waiting.SetResult();
            seen = await Record.ExceptionAsync(() => context.Request.Body.CopyToAsync(Stream.Null));
            throw seen!;
        });
        await using InMemoryConnection client = server.Connect();
        await client.SendAsync("POST / HTTP/1.1\r\nHost: a\r\n" + rest);
        await waiting.Task.WaitAsync(Limits.Patience);

        // Only time in which the application waits counts, so the clock moves until enough of it has.
        await client.SendAsync(piece);
        await Eventually.HoldsAsync(() =>
        {
            _clock.Advance(TimeSpan.FromSeconds(1));
            return seen is not null;
        });
        Assert.Equal(408, Assert.IsType<Microsoft.AspNetCore.Http.BadHttpRequestException>(seen).StatusCode);
    }

    [Fact]
    public async Task A_body_may_come_as_slowly_as_the_application_allows()
    {
        var waiting = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using FrontServer server = await StartAsync(async context =>
        {
            context.Features.Get<IHttpMinRequestBodyDataRateFeature>()!.MinDataRate = null;
            waiting.SetResult();
            using var reader = new StreamReader(context.Request.Body);
            await context.Response.WriteAsync(await reader.ReadToEndAsync());
        });
        await using InMemoryConnection client = server.Connect();
        await client.SendAsync("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\n\r\nx");
        await waiting.Task.WaitAsync(Limits.Patience);

        _clock.Advance(TimeSpan.FromHours(1));
        await client.SendAsync("y");

        Assert.Equal("xy", (await client.ReadResponseAsync()).Text);
    }

    [Fact]
    public async Task An_unread_body_that_does_not_come_ends_the_connection_after_five_seconds()
    {
        await using FrontServer server = await StartAsync(context => context.Response.WriteAsync("done"));
        await using InMemoryConnection client = server.Connect();
        int timers = _clock.Timers;

        RawResponse response = await client.RoundTripAsync("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nx");
        Assert.Equal("done", response.Text);
        await Eventually.HoldsAsync(() => _clock.Timers > timers);
        _clock.Advance(TimeSpan.FromSeconds(6));

        Assert.True(await client.IsClosedByServerAsync());
    }

    [Fact]
    public async Task An_upgraded_connection_may_be_silent_for_hours()
    {
        await using FrontServer server = await StartAsync(async context =>
        {
            await using Stream stream = await context.Features.Get<IHttpUpgradeFeature>()!.UpgradeAsync();
            byte[] buffer = new byte[1];
            await stream.ReadExactlyAsync(buffer);
            await stream.WriteAsync(buffer);
        });
        await using InMemoryConnection client = server.Connect();
        RawResponse response = await client.RoundTripAsync("GET / HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: x\r\n\r\n");
        Assert.Equal(101, response.Status);

        _clock.Advance(TimeSpan.FromHours(5));
        await client.SendAsync("x");

        Assert.True((await client.Input.ReadAsync().AsTask().WaitAsync(Limits.Patience)).Buffer.Length == 1);
    }

    /// <summary>Kestrel takes "infinite" for the longest span there is, which no sum of times can hold.</summary>
    [Theory]
    [InlineData(-1)]
    [InlineData(200L * 365 * 24 * 60 * 60 * 1000)]
    public async Task Timeouts_may_be_as_long_as_there_are(long milliseconds)
    {
        var timeout = TimeSpan.FromMilliseconds(milliseconds);
        var clock = new ManualClock(frequency: 1_000_000_000); // as on Linux
        await using FrontServer server = await StartAsync(
            _ => Task.CompletedTask,
            clock,
            options =>
            {
                options.Limits.KeepAliveTimeout = timeout;
                options.Limits.RequestHeadersTimeout = timeout;
            });
        await using InMemoryConnection client = server.Connect();
        await Eventually.HoldsAsync(() => clock.Connections == 1);

        clock.Advance(TimeSpan.FromDays(1));
        Assert.Equal(200, (await client.RoundTripAsync(Get)).Status);
        await client.SendAsync(Get[..10]);
        clock.Advance(TimeSpan.FromDays(1));
        Assert.Equal(200, (await client.RoundTripAsync(Get[10..])).Status);
        clock.Advance(TimeSpan.FromDays(1));

        Assert.Equal(200, (await client.RoundTripAsync(Get)).Status);
    }

    [Fact]
    public void A_grace_period_may_be_as_long_as_there_are()
    {
        var reasons = new List<TimeoutReason>();
        var clock = new ManualClock(frequency: 1_000_000_000);
        var timeouts = new ConnectionTimeouts(clock, reasons.Add);

        timeouts.BeginWrite();
        foreach (MinDataRate rate in new[] { new MinDataRate(1, TimeSpan.MaxValue), new MinDataRate(double.Epsilon, TimeSpan.FromSeconds(5)) })
        {
            timeouts.CountWrite(1000, rate);
            timeouts.CountWrite(1000, rate);
            clock.Advance(TimeSpan.FromDays(1));
            timeouts.Tick();
        }

        Assert.Empty(reasons);
    }
}
