using System.Diagnostics;
using Microsoft.AspNetCore.Http.Features;
using OneShot.AspNetCore.Tests.Http1.Transport;

namespace OneShot.AspNetCore.Tests.Http1.KestrelFacts;

/// <summary>Kestrel's one public diagnostic event: whoever watches for bad requests hears of them from the front, too.</summary>
public sealed class BadRequestEventTests
{
    private const string Name = "Microsoft.AspNetCore.Server.Kestrel.BadRequest";

    [Theory]
    [InlineData("GET /unheard HTTP/1.1\r\n\r\n", true)]
    [InlineData("GET /unheard HTTP/1.1\r\n\r\n", false)]
    [InlineData("nonsense\r\n\r\n", true)]
    [InlineData("nonsense\r\n\r\n", false)]
    [InlineData("POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\nx\r\n", true)]
    [InlineData("POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\nx\r\n", false)]
    public async Task A_bad_request_is_an_event_with_the_features_that_say_why(string request, bool front)
    {
        await using FrontServer server = await FrontServer.StartAsync(context => context.Request.Body.CopyToAsync(Stream.Null), front: front);
        using var watch = new Watch(server);
        await using InMemoryConnection client = server.Connect();

        Assert.Equal(400, (await client.RoundTripAsync(request)).Status);

        Assert.Equal(400, Assert.Single(watch.Events));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Each_bad_request_is_one_event_whoever_finds_it_bad_and_whoever_forgives_it(bool front)
    {
        await using FrontServer server = await FrontServer.StartAsync(
            async context =>
            {
                if (context.Request.Path == "/bad")
                {
                    throw new BadHttpRequestException("bad", 418);
                }

                await Assert.ThrowsAnyAsync<BadHttpRequestException>(() => context.Request.Body.CopyToAsync(Stream.Null));
            },
            front: front);
        using var watch = new Watch(server);
        await using InMemoryConnection forgiven = server.Connect();
        await using InMemoryConnection bad = server.Connect();

        Assert.Equal(200, (await forgiven.RoundTripAsync("POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\nx\r\n")).Status);
        await Eventually.HoldsAsync(() => watch.Events.Count == 1);
        Assert.Equal(418, (await bad.RoundTripAsync("GET /bad HTTP/1.1\r\nHost: a\r\n\r\n")).Status);
        Assert.Equal(2, watch.Events.Count);
    }

    /// <summary>Keeps the status of each; the features are the connection's, and only during the event what it tells of.</summary>
    private sealed class Watch : IObserver<KeyValuePair<string, object?>>, IDisposable
    {
        private readonly List<int> _events = [];
        private readonly IDisposable _subscription;

        internal Watch(FrontServer server) =>
            _subscription = server.Services.GetRequiredService<DiagnosticListener>().Subscribe(this, static name => name == Name);

        internal IReadOnlyList<int> Events
        {
            get
            {
                lock (_events)
                {
                    return [.. _events];
                }
            }
        }

        public void OnNext(KeyValuePair<string, object?> value)
        {
            var features = (IFeatureCollection)value.Value!;
            int status = features.Get<IHttpRequestFeature>() is null ? 0 : ((BadHttpRequestException)features.Get<IBadRequestExceptionFeature>()!.Error!).StatusCode;
            lock (_events)
            {
                _events.Add(status);
            }
        }

        public void OnCompleted()
        {
        }

        public void OnError(Exception error)
        {
        }

        public void Dispose() => _subscription.Dispose();
    }
}
