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
    [InlineData("Kestrel:Endpoints:Other:Url=http://127.0.0.2:{management}", "Kestrel:Endpoints:Management:Url has the port of Kestrel:Endpoints:Other:Url, {management}: write one of its own")]
    [InlineData("Kestrel:Endpoints:Other:Url=nonsense", "Kestrel:Endpoints:Other:Url is 'nonsense'")]
    [InlineData("Kestrel:Endpoints:Other:Url=http://*:9999", "Gateway:Tokens:DevelopmentKey gives tokens to anybody, and Kestrel:Endpoints:Other:Url is 'http://*:9999', which others reach")]
    public async Task A_setting_that_makes_no_sense_is_named(string setting, string message)
    {
        int management = FreePort.Next();
        ToolResult result = await Tool.RunAsync(
            "dotnet", [RunningGateway.Program, "--Gateway:Tokens:DevelopmentKey=true", .. Loopback(management), $"--{Filled(setting)}"], stop: TestContext.Current.CancellationToken);

        Assert.Equal(1, result.ExitCode);
        Assert.StartsWith("Gateway cannot start: ", result.Error, StringComparison.Ordinal);
        Assert.Contains(Filled(message), result.Error, StringComparison.Ordinal);

        string Filled(string text) => text.Replace("{management}", $"{management}", StringComparison.Ordinal);
    }

    private static IEnumerable<string> Loopback(int management) => new[] { ("Http", FreePort.Next()), ("Grpc", FreePort.Next()), ("Management", management) }
        .Select(static endpoint => $"--Kestrel:Endpoints:{endpoint.Item1}:Url=http://{IPAddress.Loopback}:{endpoint.Item2}");
}
