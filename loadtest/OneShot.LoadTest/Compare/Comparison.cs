using System.Globalization;
using System.Net;
using OneShot.LoadTest.Servers;
using OneShot.LoadTest.Tools;

namespace OneShot.LoadTest.Compare;

/// <summary>
/// All sides, each a process of its own, loaded in turn. Only one works at a time, and the runs of a round stand side by side in time.
/// </summary>
internal sealed class Comparison(ComparisonOptions options, SampleLocation location, ILoadTool tool)
{
    /// <summary>Is told before each step, with how much of the whole is done, 0 to 1.</summary>
    public Action<string, double> Progress { get; init; } = static (_, _) => { };

    /// <exception cref="LoadTestException">A server or the tool failed, or a request did.</exception>
    public async Task<ComparisonResult> RunAsync(CancellationToken cancellationToken)
    {
        using ServerCertificate? certificate = options.Tls ? new ServerCertificate() : null;
        using HttpClient client = ServerClient.Create(certificate);
        List<IServer> servers = [];
        try
        {
            Progress("Starting the servers", 0);
            long capacity = await StartAsync(servers, certificate, cancellationToken);
            List<SetResult> sets = [];
            foreach (HeaderSet headers in options.HeaderSets)
            {
                double done = (double)sets.Count / options.HeaderSets.Count;
                sets.Add(new SetResult(headers, await RunAsync(servers, client, headers, done, cancellationToken), capacity));
            }

            Progress("Done", 1);
            return new ComparisonResult(tool.Name, tool.CanChangeHeaders, Machine.Read(location.IsDebugBuild), options, sets);
        }
        finally
        {
            await Task.WhenAll(servers.Select(server => server.DisposeAsync().AsTask()));
        }
    }

    /// <param name="servers">Gets each server as soon as it has started, so that it is ended if the next one fails.</param>
    /// <returns>The capacity of the process arena, 0 if no side has one.</returns>
    private async Task<long> StartAsync(List<IServer> servers, ServerCertificate? certificate, CancellationToken cancellationToken)
    {
        long capacity = 0;
        foreach ((int index, Side side) in options.Sides.Index())
        {
            if (side is not SampleSide sample)
            {
                servers.Add(await NginxServer.StartAsync(NginxServer.Find(), options.PortOf(index), options.Connections, certificate, cancellationToken));
                continue;
            }

            SampleServer server = await SampleServer.StartAsync(location, Settings(sample, index, certificate), cancellationToken);
            servers.Add(server);
            ServerStats stats = await server.ReadStatsAsync(cancellationToken);
            capacity = stats.ProcessArena.Capacity;
            if (stats.Transport != sample.Transport.ToString())
            {
                throw new LoadTestException($"The server ({server.Name}) runs on the transport {stats.Transport}: {sample.Transport} does not serve this system.");
            }
        }

        return capacity;
    }

    private SampleSettings Settings(SampleSide side, int index, ServerCertificate? certificate) =>
        new(side.Front, options.Capacity, options.Reclamation, options.PortOf(index)) { Transport = side.Transport, Certificate = certificate };

    private async Task<IReadOnlyList<Round>> RunAsync(List<IServer> servers, HttpClient client, HeaderSet headers, double done, CancellationToken cancellationToken)
    {
        foreach (IServer server in servers)
        {
            await WarmUpAsync(server, client, headers, done, cancellationToken);
        }

        return await Turns.RunAsync(
            servers.Count, options.Rounds, (side, round) => MeasureAsync(servers[side], options.Sides[side], headers, round, done + ((double)round / options.Rounds / options.HeaderSets.Count), cancellationToken));
    }

    private async Task WarmUpAsync(IServer server, HttpClient client, HeaderSet headers, double done, CancellationToken cancellationToken)
    {
        Progress($"{headers.Name}: warming up {server.Name}", done);
        await AskOnceAsync(server, client, headers, cancellationToken);
        if (options.WarmUp > TimeSpan.Zero)
        {
            Check(server, headers, await server.WhileAliveAsync(cancel => tool.RunAsync(Plan(server, headers, options.WarmUp), cancel), cancellationToken));
        }
    }

    private async Task<Run> MeasureAsync(IServer server, Side side, HeaderSet headers, int round, double done, CancellationToken cancellationToken)
    {
        Progress(string.Create(CultureInfo.InvariantCulture, $"{headers.Name}: round {round + 1} of {options.Rounds}, {server.Name}"), done);
        (LoadOutcome load, ServerCost cost) = await server.MeasureAsync(cancel => tool.RunAsync(Plan(server, headers, options.Duration), cancel), cancellationToken);
        Check(server, headers, load);
        return new Run(side, load, cost);
    }

    private LoadPlan Plan(IServer server, HeaderSet headers, TimeSpan duration) =>
        new(new Uri(server.Address, options.Path), headers, options.Connections, duration) { Pipeline = options.Pipeline, PostBytes = options.PostBytes };

    private void Check(IServer server, HeaderSet headers, LoadOutcome outcome)
    {
        if (outcome.Failure is { } failure)
        {
            throw new LoadTestException($"{tool.Name} against {server.Name} with the headers '{headers.Name}': {failure}.", ExitCode.Failed);
        }
    }

    /// <summary>One request of our own: wrk would count a redirect as a success.</summary>
    private async Task AskOnceAsync(IServer server, HttpClient client, HeaderSet headers, CancellationToken cancellationToken)
    {
        using HttpRequestMessage request = new(HttpMethod.Get, new Uri(server.Address, options.Path));
        if (options.PostBytes is { } bytes)
        {
            request.Method = HttpMethod.Post;
            request.Content = new ByteArrayContent(new byte[bytes]);
        }

        foreach (HeaderField field in headers.Fields)
        {
            request.Headers.TryAddWithoutValidation(field.Name, field.At(1));
        }

        try
        {
            using HttpResponseMessage response = await client.SendAsync(request, cancellationToken);
            if (response.StatusCode is < HttpStatusCode.OK or >= HttpStatusCode.MultipleChoices)
            {
                throw new LoadTestException($"{server.Name} answers {request.RequestUri} with {(int)response.StatusCode}: a load test needs a 2xx (--path).", ExitCode.Failed);
            }
        }
        catch (HttpRequestException exception)
        {
            throw new LoadTestException($"{server.Name} does not answer {request.RequestUri}: {exception.Message}");
        }
    }
}

/// <summary>In which order the sides are loaded.</summary>
internal static class Turns
{
    /// <summary>All rounds, one run after the other. Runs stand in a round as the sides do, whoever came first.</summary>
    /// <param name="sides">How many.</param>
    /// <param name="rounds">How many.</param>
    /// <param name="measureAsync">Makes the run of a side in a round.</param>
    public static async Task<IReadOnlyList<Round>> RunAsync(int sides, int rounds, Func<int, int, Task<Run>> measureAsync)
    {
        List<Round> done = [];
        while (done.Count < rounds)
        {
            Run[] runs = new Run[sides];
            foreach (int side in Of(sides, done.Count))
            {
                runs[side] = await measureAsync(side, done.Count);
            }

            done.Add(new Round(runs));
        }

        return done;
    }

    /// <summary>
    /// Round by round the order turns by one, so that no side always comes first: a machine that cools down meanwhile, or that others
    /// use at the beginning of a round, hits every side as often as any other.
    /// </summary>
    public static IEnumerable<int> Of(int sides, int round) => Enumerable.Range(0, sides).Select(turn => (turn + round) % sides);
}
