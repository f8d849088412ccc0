using System.Globalization;
using OneShot.LoadTest.Processes;
using OneShot.LoadTest.Servers;
using OneShot.LoadTest.Tools;

namespace OneShot.LoadTest.Gateway;

/// <summary>The gateway of <c>samples/Gateway</c> as a process of its own, listening. Disposing it ends it.</summary>
internal sealed class GatewayServer : IServer
{
    private readonly HostedProgram _program;
    private readonly FiguresClient _figures;
    private readonly HttpClient _client;

    private GatewayServer(HostedProgram program, string name, Uri address, Uri management)
    {
        _program = program;
        Name = name;
        Address = address;
        _figures = new FiguresClient(management);
        _client = ServerClient.Create(certificate: null);
    }

    public string Name { get; }

    public Uri Address { get; }

    /// <summary>Starts it, before a backend that listens.</summary>
    /// <exception cref="LoadTestException">It ended instead, or said nothing for a minute.</exception>
    public static async Task<GatewayServer> StartAsync(SampleLocation location, GatewaySide side, Uri backend, CancellationToken cancellationToken)
    {
        int[] ports = Ports.Free(3);
        HostedProgram program = await HostedProgram.StartAsync(side.Name, location,
        [
            $"--Kestrel:Endpoints:Http:Url={On(ports[0])}",
            $"--Kestrel:Endpoints:Management:Url={On(ports[1])}",
            $"--Kestrel:Endpoints:Grpc:Url={On(ports[2])}",
            $"--ReverseProxy:Clusters:backend:Destinations:first:Address={backend}",
            "--Gateway:Tokens:DevelopmentKey=true",
            $"--Gateway:OneShot:Front={side.Front}",
            $"--Gateway:OneShot:TokenCache={side.TokenCache}",
            $"--Gateway:OneShot:Transport={side.OnTransport}",
        ], cancellationToken);
        return new GatewayServer(program, side.Name, new Uri(On(ports[0])), new Uri(On(ports[1])));
    }

    /// <summary>Tokens that the gateway finds valid, of as many subjects.</summary>
    /// <exception cref="LoadTestException">It gives none.</exception>
    public async Task<IReadOnlyList<string>> IssueTokensAsync(int subjects, CancellationToken cancellationToken)
    {
        string[] tokens = new string[subjects];
        for (int i = 0; i < subjects; i++)
        {
            Uri url = new(Address, string.Create(CultureInfo.InvariantCulture, $"token?subject=user-{i}&scope=orders%3Aread&lifetime=12%3A00%3A00"));
            try
            {
                using HttpResponseMessage response = (await _client.PostAsync(url, content: null, cancellationToken)).EnsureSuccessStatusCode();
                tokens[i] = await response.Content.ReadAsStringAsync(cancellationToken);
            }
            catch (HttpRequestException exception)
            {
                throw new LoadTestException($"The gateway ({Name}) gives no token at {url}: {exception.Message}");
            }
        }

        return tokens;
    }

    /// <exception cref="LoadTestException">It does not answer, or is no gateway.</exception>
    public async Task<ServerStats> ReadStatsAsync(CancellationToken cancellationToken)
    {
        try
        {
            return await _figures.ReadStatsAsync(cancellationToken);
        }
        catch (HttpRequestException exception)
        {
            throw new LoadTestException($"The gateway ({Name}) does not tell its figures: {exception.Message}");
        }
    }

    public Task<T> WhileAliveAsync<T>(Func<CancellationToken, Task<T>> work, CancellationToken cancellationToken) => _program.WhileAliveAsync(work, cancellationToken);

    public Task<(LoadOutcome Load, ServerCost Cost)> MeasureAsync(Func<CancellationToken, Task<LoadOutcome>> load, CancellationToken cancellationToken) =>
        ServerCost.MeasureAsync(ReadStatsAsync, cancel => WhileAliveAsync(load, cancel), cancellationToken);

    public async ValueTask DisposeAsync()
    {
        _client.Dispose();
        _figures.Dispose();
        await _program.DisposeAsync();
    }

    private static string On(int port) => string.Create(CultureInfo.InvariantCulture, $"http://127.0.0.1:{port}");
}
