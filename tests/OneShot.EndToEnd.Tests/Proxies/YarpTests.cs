using Yarp.ReverseProxy.Configuration;

namespace OneShot.EndToEnd.Tests.Proxies;

/// <summary>YARP before the front, and YARP on the front.</summary>
public sealed class YarpTests
{
    [Theory]
    [InlineData(ServerKind.Kestrel, ServerKind.Front)]
    [InlineData(ServerKind.Kestrel, ServerKind.FrontPerRequest)]
    [InlineData(ServerKind.Front, ServerKind.Kestrel)]
    [InlineData(ServerKind.FrontPerRequest, ServerKind.Kestrel)]
    [InlineData(ServerKind.FrontPerRequest, ServerKind.FrontPerRequest)]
    [InlineData(ServerKind.FrontOnTransport, ServerKind.FrontOnTransport)]
    public async Task Everything_goes_through(ServerKind proxyKind, ServerKind destinationKind)
    {
        await using WebServer destination = await WebServer.StartAsync(destinationKind, ProxyTraffic.Map);
        await using WebServer proxy = await StartProxyAsync(proxyKind, destination.Address);

        await ProxyTraffic.CheckAsync(proxy.Address);

        Assert.InRange(destination.ConnectionsUsed, 1, 20);
        await ProxyTraffic.CheckClosingAsync(proxy.Address);
        Assert.Empty(proxy.Log.Errors);
        Assert.Empty(destination.Log.Errors);
    }

    [Theory]
    [InlineData(ServerKind.Kestrel, ServerKind.FrontPerRequest)]
    [InlineData(ServerKind.FrontPerRequest, ServerKind.Kestrel)]
    public async Task A_client_that_gives_up_is_noticed_behind_the_proxy(ServerKind proxyKind, ServerKind destinationKind)
    {
        var aborted = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using WebServer destination = await WebServer.StartAsync(destinationKind, app => app.MapGet("/wait", async context =>
        {
            context.RequestAborted.Register(aborted.SetResult);
            await context.Response.WriteAsync("waiting");
            await aborted.Task;
        }));
        await using WebServer proxy = await StartProxyAsync(proxyKind, destination.Address);
        using (HttpClient client = ProxyTraffic.Client(proxy.Address))
        {
            using HttpResponseMessage response = await client.GetAsync("/wait", HttpCompletionOption.ResponseHeadersRead);
        }

        await aborted.Task.WaitAsync(Eventually.Patience);
    }

    private static Task<WebServer> StartProxyAsync(ServerKind kind, Uri destination) => WebServer.StartAsync(
        kind,
        app => app.MapReverseProxy(),
        builder => builder.Services.AddReverseProxy().LoadFromMemory(
            [new RouteConfig { RouteId = "all", ClusterId = "one", Match = new RouteMatch { Path = "{**rest}" } }],
            [
                new ClusterConfig
                {
                    ClusterId = "one",
                    Destinations = new Dictionary<string, DestinationConfig> { ["it"] = new() { Address = destination.ToString() } },
                },
            ]));
}
