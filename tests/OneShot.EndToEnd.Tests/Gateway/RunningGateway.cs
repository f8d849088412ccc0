using System.Globalization;
using System.Net.Http.Headers;
using System.Text.Json;

namespace OneShot.EndToEnd.Tests.Gateway;

/// <summary>Gateway and backend as a user starts them, each a process, by settings alone.</summary>
internal sealed class RunningGateway : IAsyncDisposable
{
    private readonly ChildProcess _backend;
    private readonly ChildProcess _gateway;

    private RunningGateway(ChildProcess backend, ChildProcess gateway, Uri address, Uri management, Uri grpc)
    {
        _backend = backend;
        _gateway = gateway;
        Address = address;
        Grpc = grpc;
        Client = Connect(address);
        Management = Connect(management);
    }

    internal Uri Address { get; }

    internal Uri Grpc { get; }

    /// <summary>Of the public address.</summary>
    internal HttpClient Client { get; }

    internal HttpClient Management { get; }

    /// <summary>As it was built, of the same configuration as the tests.</summary>
    internal static string Program { get; } = Path.GetFullPath(
        Path.Combine(AppContext.BaseDirectory, "..", "..", "Gateway", new DirectoryInfo(AppContext.BaseDirectory).Name, "Gateway.dll"));

    /// <param name="side">By which lines it has.</param>
    /// <param name="settings">More of them, as arguments.</param>
    internal static Task<RunningGateway> StartAsync(GatewaySide side, params string[] settings) =>
        StartAsync(side, (port, arguments) => ChildProcess.ListeningAsync("dotnet", [Program, .. arguments, .. settings], port));

    /// <param name="side">By which lines it has.</param>
    /// <param name="start">Starts a gateway with these arguments, and waits for the port.</param>
    internal static async Task<RunningGateway> StartAsync(GatewaySide side, Func<int, string[], Task<ChildProcess>> start)
    {
        int[] ports = [FreePort.Next(), FreePort.Next(), FreePort.Next(), FreePort.Next()];
        Uri[] addresses = [.. ports.Select(static port => new Uri(string.Create(CultureInfo.InvariantCulture, $"http://127.0.0.1:{port}/")))];
        ChildProcess backend = await ChildProcess.ListeningAsync("dotnet", [Program, "backend", $"--urls={addresses[0]}"], ports[0]);
        try
        {
            // Kestrel takes its addresses by name: Management is the last that listens.
            ChildProcess gateway = await start(
                ports[2],
                [
                    $"--ReverseProxy:Clusters:backend:Destinations:first:Address={addresses[0]}",
                    $"--Kestrel:Endpoints:Http:Url={addresses[1]}",
                    $"--Kestrel:Endpoints:Management:Url={addresses[2]}",
                    $"--Kestrel:Endpoints:Grpc:Url={addresses[3]}",
                    "--Gateway:Tokens:DevelopmentKey=true", "--Gateway:Tokens:ClockSkew=00:00:00",
                    $"--Gateway:OneShot:Front={side != GatewaySide.Stock}",
                    $"--Gateway:OneShot:TokenCache={side != GatewaySide.Stock}",
                    $"--Gateway:OneShot:Transport={side == GatewaySide.FrontOnTransport}",
                ]);
            return new RunningGateway(backend, gateway, addresses[1], addresses[2], addresses[3]);
        }
        catch
        {
            await backend.DisposeAsync();
            throw;
        }
    }

    /// <summary>A token that is valid for that long; a negative time makes one that has expired.</summary>
    internal async Task<string> TokenAsync(string subject, string scope = "", TimeSpan? lifetime = null)
    {
        using HttpResponseMessage response = await Client.PostAsync(
            new Uri($"/token?subject={subject}&scope={Uri.EscapeDataString(scope)}&lifetime={lifetime ?? TimeSpan.FromHours(1):c}", UriKind.Relative), content: null);
        return await response.EnsureSuccessStatusCode().Content.ReadAsStringAsync();
    }

    internal Task<HttpResponseMessage> GetAsync(string path, string? token, params (string Name, string Value)[] headers)
    {
        HttpRequestMessage request = new(HttpMethod.Get, new Uri(path, UriKind.Relative));
        request.Headers.Authorization = token is null ? null : new AuthenticationHeaderValue("Bearer", token);
        foreach ((string name, string value) in headers)
        {
            request.Headers.TryAddWithoutValidation(name, value);
        }

        return Client.SendAsync(request);
    }

    internal async Task<JsonElement> StatsAsync()
    {
        using JsonDocument stats = JsonDocument.Parse(await Management.GetStringAsync(new Uri("/stats", UriKind.Relative)));
        return stats.RootElement.Clone();
    }

    public async ValueTask DisposeAsync()
    {
        Client.Dispose();
        Management.Dispose();
        await _gateway.DisposeAsync();
        await _backend.DisposeAsync();
    }

    private static HttpClient Connect(Uri address) =>
        new(new SocketsHttpHandler { AllowAutoRedirect = false, UseProxy = false, UseCookies = false, ActivityHeadersPropagator = null }) { BaseAddress = address, Timeout = Eventually.Patience };
}
