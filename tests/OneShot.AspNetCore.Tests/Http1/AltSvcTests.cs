using System.Net;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using OneShot.AspNetCore.Tests.Http1.Transport;

namespace OneShot.AspNetCore.Tests.Http1;

/// <summary>Clients hear of HTTP/3 where stock Kestrel would tell them.</summary>
public sealed class AltSvcTests
{
    private const string Get = "GET / HTTP/1.1\r\nHost: a\r\n\r\n";

    [Theory]
    [InlineData(HttpProtocols.Http1AndHttp2AndHttp3, true, false, "h3=\":5000\"; ma=86400")]
    [InlineData(HttpProtocols.Http1AndHttp2AndHttp3, false, false, null)]
    [InlineData(HttpProtocols.Http1AndHttp2AndHttp3, true, true, null)]
    [InlineData(HttpProtocols.Http1AndHttp2, true, false, null)]
    public async Task It_is_offered_where_the_endpoint_serves_it(HttpProtocols protocols, bool quic, bool disabled, string? expected)
    {
        foreach (bool front in new[] { false, true })
        {
            await using FrontServer server = await StartAsync(_ => Task.CompletedTask, front, quic, protocols, disabled);
            await using InMemoryConnection client = server.Connect();

            Assert.Equal(expected, (await client.RoundTripAsync(Get))["Alt-Svc"]);
            Assert.Equal(expected, (await client.RoundTripAsync("GET / HTTP/1.1\r\n\r\n"))["Alt-Svc"]);
        }
    }

    [Fact]
    public async Task The_applications_own_stays()
    {
        foreach (bool front in new[] { false, true })
        {
            await using FrontServer server = await StartAsync(context =>
            {
                context.Response.Headers.AltSvc = "clear";
                return Task.CompletedTask;
            }, front);
            await using InMemoryConnection client = server.Connect();

            Assert.Equal("clear", (await client.RoundTripAsync(Get))["Alt-Svc"]);
        }
    }

    private static Task<FrontServer> StartAsync(
        RequestDelegate application, bool front, bool quic = true, HttpProtocols protocols = HttpProtocols.Http1AndHttp2AndHttp3, bool disabled = false) =>
        FrontServer.StartAsync(
            application,
            services: services =>
            {
                if (quic)
                {
                    services.AddSingleton<IMultiplexedConnectionListenerFactory, NoQuic>();
                }
            },
            front: front,
            endpoint: listen =>
            {
                listen.Protocols = protocols;
                listen.DisableAltSvcHeader = disabled;
            });

    /// <summary>Is there; without TLS nothing is ever bound to it.</summary>
    private sealed class NoQuic : IMultiplexedConnectionListenerFactory
    {
        public ValueTask<IMultiplexedConnectionListener> BindAsync(
            EndPoint endpoint, IFeatureCollection? features = null, CancellationToken cancellationToken = default) =>
            throw new NotSupportedException();
    }
}
