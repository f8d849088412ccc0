using System.Globalization;
using System.Net;
using OneShot.LoadTest.Compare;
using OneShot.LoadTest.Processes;
using OneShot.LoadTest.Servers;
using OneShot.LoadTest.Tools;

namespace OneShot.LoadTest.Gateway;

/// <summary>One backend, and a gateway of each side before it, loaded in turn. Only one gateway works at a time, and the runs of a round stand side by side in time.</summary>
internal sealed class GatewayComparison(GatewayOptions options, SampleLocation location, ILoadTool tool)
{
    private const string BackendName = "backend";

    /// <summary>Is told before each step, with how much of the whole is done, 0 to 1.</summary>
    public Action<string, double> Progress { get; init; } = static (_, _) => { };

    /// <exception cref="LoadTestException">A server or the tool failed, or a request did.</exception>
    public async Task<GatewayResult> RunAsync(CancellationToken cancellationToken)
    {
        using HttpClient client = ServerClient.Create(certificate: null);
        Uri backendAddress = new(string.Create(CultureInfo.InvariantCulture, $"http://127.0.0.1:{Ports.Free(1)[0]}/"));
        Progress("Starting backend and gateways", 0);
        await using HostedProgram backend = await HostedProgram.StartAsync(BackendName, location, [BackendName, $"--urls={backendAddress}"], cancellationToken);
        List<LoadedGateway> gateways = [];
        try
        {
            foreach (GatewaySide side in options.Sides)
            {
                GatewayServer server = await GatewayServer.StartAsync(location, side, backendAddress, cancellationToken);
                gateways.Add(new LoadedGateway(side, server));
                await CheckSideAsync(side, server, cancellationToken);
                gateways[^1] = gateways[^1] with { Headers = HeadersOf(await server.IssueTokensAsync(options.Subjects, cancellationToken)) };
            }

            List<RouteResult> routes = [];
            foreach (GatewayRoute route in options.Routes)
            {
                routes.Add(new RouteResult(route, await RunAsync(gateways, client, route, (double)routes.Count / options.Routes.Count, cancellationToken)));
            }

            Progress("Done", 1);
            return new GatewayResult(tool.Name, tool.CanChangeHeaders, Machine.Read(location.IsDebugBuild), options, routes);
        }
        finally
        {
            await Task.WhenAll(gateways.Select(gateway => gateway.Server.DisposeAsync().AsTask()));
        }
    }

    /// <summary>What an API's client in a browser sends, with tokens of many callers, as on the connections of a balancer.</summary>
    private static HeaderSet HeadersOf(IReadOnlyList<string> tokens) => HeaderSets.Browser with
    {
        Fields = [.. HeaderSets.Browser.Fields, new HeaderField("Authorization", $"Bearer {tokens[0]}") { Others = [.. tokens.Skip(1).Select(static token => $"Bearer {token}")] }],
    };

    private static async Task CheckSideAsync(GatewaySide side, GatewayServer server, CancellationToken cancellationToken)
    {
        ServerStats stats = await server.ReadStatsAsync(cancellationToken);
        if (side.OnTransport != (stats.Transport == nameof(Transport.OneShot)))
        {
            throw new LoadTestException($"The gateway ({server.Name}) runs on the transport {stats.Transport}: OneShot's does not serve this system.");
        }
    }

    private async Task<IReadOnlyList<Round>> RunAsync(List<LoadedGateway> gateways, HttpClient client, GatewayRoute route, double done, CancellationToken cancellationToken)
    {
        foreach (LoadedGateway gateway in gateways)
        {
            await WarmUpAsync(gateway, client, route, done, cancellationToken);
        }

        return await Turns.RunAsync(
            gateways.Count, options.Rounds, (side, round) => MeasureAsync(gateways[side], route, round, done + ((double)round / options.Rounds / options.Routes.Count), cancellationToken));
    }

    private async Task WarmUpAsync(LoadedGateway gateway, HttpClient client, GatewayRoute route, double done, CancellationToken cancellationToken)
    {
        Progress($"{route.Name}: warming up {gateway.Side}", done);
        await AskOnceAsync(gateway, client, route, cancellationToken);
        if (options.WarmUp > TimeSpan.Zero)
        {
            Check(gateway, route, await gateway.Server.WhileAliveAsync(cancel => tool.RunAsync(Plan(gateway, route, options.WarmUp), cancel), cancellationToken));
        }
    }

    private async Task<Run> MeasureAsync(LoadedGateway gateway, GatewayRoute route, int round, double done, CancellationToken cancellationToken)
    {
        Progress(string.Create(CultureInfo.InvariantCulture, $"{route.Name}: round {round + 1} of {options.Rounds}, {gateway.Side}"), done);
        (LoadOutcome load, ServerCost cost) = await gateway.Server.MeasureAsync(cancel => tool.RunAsync(Plan(gateway, route, options.Duration), cancel), cancellationToken);
        Check(gateway, route, load);
        return new Run(gateway.Side, load, cost);
    }

    private LoadPlan Plan(LoadedGateway gateway, GatewayRoute route, TimeSpan duration) =>
        new(new Uri(gateway.Server.Address, route.Path), route.HasToken ? gateway.Headers : HeaderSets.Browser, options.Connections, duration);

    private static void Check(LoadedGateway gateway, GatewayRoute route, LoadOutcome outcome)
    {
        if (outcome.Failure is { } failure)
        {
            throw new LoadTestException($"{gateway.Side}, {route.Name}: {failure}.", ExitCode.Failed);
        }
    }

    /// <summary>Before the tools: they do not tell what was answered.</summary>
    private async Task AskOnceAsync(LoadedGateway gateway, HttpClient client, GatewayRoute route, CancellationToken cancellationToken)
    {
        using HttpRequestMessage request = new(HttpMethod.Get, new Uri(gateway.Server.Address, route.Path));
        foreach (HeaderField field in Plan(gateway, route, options.WarmUp).Headers.Fields)
        {
            request.Headers.TryAddWithoutValidation(field.Name, field.At(1));
        }

        try
        {
            using HttpResponseMessage response = await client.SendAsync(request, cancellationToken);
            if (response.StatusCode != HttpStatusCode.OK)
            {
                throw new LoadTestException($"{gateway.Side} answers {request.RequestUri} with {(int)response.StatusCode}: it should be 200.", ExitCode.Failed);
            }
        }
        catch (HttpRequestException exception)
        {
            throw new LoadTestException($"{gateway.Side} does not answer {request.RequestUri}: {exception.Message}");
        }
    }

    /// <param name="Side">Which it is.</param>
    /// <param name="Server">The process.</param>
    private sealed record LoadedGateway(GatewaySide Side, GatewayServer Server)
    {
        /// <summary>With tokens that this gateway has signed.</summary>
        public HeaderSet Headers { get; init; } = HeaderSets.Browser;
    }
}
