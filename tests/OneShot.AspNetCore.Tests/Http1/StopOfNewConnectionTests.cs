using System.Diagnostics;
using System.IO.Pipelines;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.Logging.Abstractions;
using OneShot.AspNetCore.Http1;
using OneShot.AspNetCore.Tests.Http1.Transport;

namespace OneShot.AspNetCore.Tests.Http1;

/// <summary>The server stops, and a connection is so new that its first request is still on its way.</summary>
public sealed class StopOfNewConnectionTests
{
    private readonly ManualClock _clock = new();
    private readonly Pipe _pipe = new();

    [Fact]
    public async Task It_ends_when_it_is_half_a_second_old_and_silent()
    {
        ConnectionLifetime lifetime = Lifetime();
        _clock.Advance(TimeSpan.FromMilliseconds(200));
        Task<ReadResult> reading = _pipe.Reader.ReadAsync().AsTask();
        lifetime.StopWhenIdle();
        lifetime.StopWhenIdle(); // whoever reads next registers anew
        _clock.Advance(TimeSpan.FromMilliseconds(299));
        Assert.False(reading.IsCompleted);

        _clock.Advance(TimeSpan.FromMilliseconds(1));
        Assert.True((await reading).IsCanceled);
    }

    [Fact]
    public async Task An_older_one_ends_at_once()
    {
        ConnectionLifetime lifetime = Lifetime();
        _clock.Advance(TimeSpan.FromMilliseconds(500));
        Task<ReadResult> reading = _pipe.Reader.ReadAsync().AsTask();
        lifetime.StopWhenIdle();
        Assert.True((await reading).IsCanceled);
    }

    [Fact]
    public async Task So_does_one_that_has_been_answered()
    {
        ConnectionLifetime lifetime = Lifetime();
        lifetime.BeginHead();
        lifetime.BeginRequest(keepAlive: true);
        lifetime.EndRequest(isDrained: true);
        lifetime.BecomeIdle();
        Task<ReadResult> reading = _pipe.Reader.ReadAsync().AsTask();
        lifetime.StopWhenIdle();
        Assert.True((await reading).IsCanceled);
    }

    [Fact]
    public void When_it_is_over_nothing_fires_any_more()
    {
        ConnectionLifetime lifetime = Lifetime();
        Task reading = _pipe.Reader.ReadAsync().AsTask();
        lifetime.StopWhenIdle();
        lifetime.End();
        _clock.Advance(TimeSpan.FromSeconds(1));
        Assert.False(reading.IsCompleted);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)] // by the look at the first bytes: HTTP/2 without TLS may come
    public async Task A_server_with_a_silent_client_stops_all_the_same(bool onlyHttp1)
    {
        await using FrontServer server = await FrontServer.StartAsync(
            static _ => Task.CompletedTask,
            front: true,
            endpoint: listen => listen.Protocols = onlyHttp1 ? HttpProtocols.Http1 : HttpProtocols.Http1AndHttp2);
        await using InMemoryConnection connection = server.Connect();
        var stopwatch = Stopwatch.StartNew();
        await server.StopAsync();
        Assert.InRange(stopwatch.Elapsed, TimeSpan.Zero, TimeSpan.FromSeconds(20)); // the host's patience is 30
        Assert.Equal("", await connection.ReadUntilAsync("never"));
    }

    private ConnectionLifetime Lifetime() => new(new InMemoryConnectionContext("MEM", null!, null!), _pipe.Reader, new KestrelServerLimits(), _clock, NullLogger.Instance);
}
