using System.Net;

namespace OneShot.EndToEnd.Tests.Gateway;

/// <summary>A gateway that cannot work as it is set up does not start, and says why in one line.</summary>
public sealed class GatewaySettingsTests
{
    [Theory]
    [InlineData("Gateway:Tokens:DevelopmentKey=false", "nobody signs tokens: write one of Authentication:Schemes:Bearer:Authority, ")]
    [InlineData("Authentication:Schemes:Bearer:Authority=https://login.example", "more than one signs tokens")]
    [InlineData("Gateway:Telemetry:SampleRatio=2", "Gateway:Telemetry:SampleRatio is 2: write 0 to 1.")]
    [InlineData("Gateway:Limits:MaxConnections=0", "MaxConnections")]
    [InlineData("Kestrel:Endpoints:Management:Url=nonsense", "Kestrel:Endpoints:Management:Url is 'nonsense'")]
    [InlineData("Kestrel:Endpoints:Management:Url=http://127.0.0.1:0", "write a port that is known beforehand")]
    public async Task A_setting_that_makes_no_sense_is_named(string setting, string message)
    {
        ToolResult result = await Tool.RunAsync("dotnet", [RunningGateway.Program, "--Gateway:Tokens:DevelopmentKey=true", .. Loopback(), $"--{setting}"], stop: TestContext.Current.CancellationToken);

        Assert.Equal(1, result.ExitCode);
        Assert.StartsWith("Gateway cannot start: ", result.Error, StringComparison.Ordinal);
        Assert.Contains(message, result.Error, StringComparison.Ordinal);
    }

    private static IEnumerable<string> Loopback() => new[] { "Http", "Grpc", "Management" }.Select(static name => $"--Kestrel:Endpoints:{name}:Url=http://{IPAddress.Loopback}:{FreePort.Next()}");
}
