using System.Net;
using OneShot.EndToEnd.Tests.Gateway;

namespace OneShot.EndToEnd.Tests.Packages;

/// <summary>The gateway, built from the packages: every line of OneShot comes out of them, and works beside what else a gateway has.</summary>
public class GatewayFromPackagesTests
{
    [Fact]
    public async Task It_lets_in_who_has_a_token_and_tells_its_metrics()
    {
        using PackagedSample sample = await PackagedSample.BuildAsync("Gateway");
        GatewaySide side = OperatingSystem.IsLinux() ? GatewaySide.FrontOnTransport : GatewaySide.FrontAndCache;
        await using RunningGateway gateway = await RunningGateway.StartAsync(side, (port, arguments) => sample.StartAsync(port, arguments));
        string token = await gateway.TokenAsync("alice");

        for (int i = 0; i < 2; i++)
        {
            using HttpResponseMessage with = await gateway.GetAsync("/api/orders/1", token);
            using HttpResponseMessage without = await gateway.GetAsync("/api/orders/1", token: null);
            Assert.Equal([HttpStatusCode.OK, HttpStatusCode.Unauthorized], [with.StatusCode, without.StatusCode]);
        }

        string metrics = await gateway.Management.GetStringAsync(new Uri("/metrics", UriKind.Relative), TestContext.Current.CancellationToken);
        Assert.Contains("oneshot_arena_", metrics, StringComparison.Ordinal);
        Assert.Equal(side == GatewaySide.FrontOnTransport, metrics.Contains("oneshot_transport_", StringComparison.Ordinal));
    }
}
