using System.Net;
using System.Text.Json;

namespace OneShot.EndToEnd.Tests.Gateway;

/// <summary>Which traces the gateway records is the gateway's choice.</summary>
public sealed class GatewayTracesTests
{
    private const int Requests = 100;

    /// <summary>The ids at both ends of the range, by which a sampler that reads them would record all or none; and the client's own flag, both ways.</summary>
    [Theory]
    [InlineData("00000000000000010000000000000001", "00")]
    [InlineData("00000000000000010000000000000001", "01")]
    [InlineData("ffffffffffffffffffffffffffffffff", "01")]
    public async Task About_as_many_are_recorded_as_are_set_whatever_the_client_sends(string trace, string flags)
    {
        await using RunningGateway gateway = await RunningGateway.StartAsync(GatewaySide.Stock, "--Gateway:Telemetry:SampleRatio=0.5");
        string token = await gateway.TokenAsync("alice");
        int recorded = 0;
        for (int i = 0; i < Requests; i++)
        {
            using HttpResponseMessage response = await gateway.GetAsync("/api/echo", token, ("traceparent", $"00-{trace}-00f067aa0ba902b7-{flags}"));
            using JsonDocument seen = JsonDocument.Parse(await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken));
            string parent = seen.RootElement.GetProperty("traceparent")[0].GetString()!;

            Assert.Equal(HttpStatusCode.OK, response.StatusCode);
            Assert.StartsWith($"00-{trace}-", parent, StringComparison.Ordinal);
            recorded += parent.EndsWith("-01", StringComparison.Ordinal) ? 1 : 0;
        }

        // Five standard deviations to either side: once in two million runs it is outside by chance.
        Assert.InRange(recorded, 25, 75);
    }
}
