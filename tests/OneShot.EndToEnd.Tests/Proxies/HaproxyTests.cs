using System.Globalization;
using System.Net;

namespace OneShot.EndToEnd.Tests.Proxies;

/// <summary>HAProxy, which is strict about what it gets, with connections to the front that it shares among clients.</summary>
public sealed class HaproxyTests
{
    public static TheoryData<ServerKind> Servers => ServerKinds.Fronts;

    [Theory]
    [MemberData(nameof(Servers))]
    public async Task Everything_goes_through_over_a_few_connections(ServerKind kind)
    {
        Tool.Require("haproxy");
        await using WebServer server = await WebServer.StartAsync(kind, ProxyTraffic.Map);
        using var folder = new TemporaryFolder();
        int port = FreePort.Next();
        await using ChildProcess haproxy = await StartAsync(folder, port, server.Address.Port);

        await ProxyTraffic.CheckAsync(new Uri($"http://127.0.0.1:{port}"));

        Assert.InRange(server.ConnectionsUsed, 1, 20);
        await ProxyTraffic.CheckClosingAsync(new Uri($"http://127.0.0.1:{port}"));
        Assert.Empty(server.Log.Errors);
    }

    [Fact]
    public async Task Idle_connections_that_the_front_closes_cost_no_request()
    {
        Tool.Require("haproxy");
        await using WebServer server = await WebServer.StartAsync(
            ServerKind.FrontPerRequest,
            ProxyTraffic.Map,
            kestrel: options =>
            {
                options.Limits.KeepAliveTimeout = TimeSpan.FromMilliseconds(200);
                options.Listen(IPAddress.Loopback, 0);
            });
        using var folder = new TemporaryFolder();
        int port = FreePort.Next();
        await using ChildProcess haproxy = await StartAsync(folder, port, server.Address.Port);
        using HttpClient client = ProxyTraffic.Client(new Uri($"http://127.0.0.1:{port}"));

        // The front looks for idle connections once a second: the next round comes when they are just gone.
        for (int round = 0; round < 4; round++)
        {
            await ProxyTraffic.CheckManyAsync(client, 100);
            await Eventually.TrueAsync(() => server.Connections.Active == 0, () => $"{server.Connections.Active} connections are open");
        }

        Assert.Equal(400, server.Requests);
    }

    private static Task<ChildProcess> StartAsync(TemporaryFolder folder, int port, int upstream)
    {
        string configuration = folder.Write("haproxy.cfg", string.Create(CultureInfo.InvariantCulture, $"""
            global
              maxconn 256
            defaults
              mode http
              timeout connect 20s
              timeout client 60s
              timeout server 60s
              timeout tunnel 60s
              http-reuse always
            frontend in
              bind 127.0.0.1:{port}
              default_backend front
            backend front
              option http-keep-alive
              retry-on conn-failure empty-response
              server one 127.0.0.1:{upstream} pool-max-conn 8

            """));
        return ChildProcess.ListeningAsync("haproxy", ["-db", "-f", configuration], port);
    }
}
