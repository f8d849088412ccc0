using System.Globalization;
using System.Net;
using OneShot.LoadTest.Servers;
using OneShot.LoadTest.Tools;

namespace OneShot.LoadTest.Compare;

/// <summary>
/// Both servers, each a process of its own, loaded in turn: Kestrel, front, Kestrel, front. Only one works at a time, and the two
/// rounds of a pair stand side by side in time.
/// </summary>
internal sealed class Comparison(ComparisonOptions options, SampleLocation location, ILoadTool tool)
{
    /// <summary>Is told before each step, with how much of the whole is done, 0 to 1.</summary>
    public Action<string, double> Progress { get; init; } = static (_, _) => { };

    /// <exception cref="LoadTestException">A server or the tool failed, or a request did.</exception>
    public async Task<ComparisonResult> RunAsync(CancellationToken cancellationToken)
    {
        Progress("Starting both servers", 0);
        await using SampleServer kestrel = await StartAsync(Front.Kestrel, options.KestrelPort, cancellationToken);
        await using SampleServer front = await StartAsync(Front.OneShot, options.FrontPort, cancellationToken);
        long capacity = (await front.ReadStatsAsync(cancellationToken)).ProcessArena.Capacity;

        List<SetResult> sets = [];
        foreach (HeaderSet headers in options.HeaderSets)
        {
            double done = (double)sets.Count / options.HeaderSets.Count;
            await WarmUpAsync(kestrel, headers, done, cancellationToken);
            await WarmUpAsync(front, headers, done, cancellationToken);

            List<RoundPair> pairs = [];
            while (pairs.Count < options.Rounds)
            {
                Round first = await MeasureAsync(kestrel, Front.Kestrel, headers, pairs.Count, done, cancellationToken);
                Round second = await MeasureAsync(front, Front.OneShot, headers, pairs.Count, done, cancellationToken);
                pairs.Add(new RoundPair(first, second));
                done += 1d / options.Rounds / options.HeaderSets.Count;
            }

            sets.Add(new SetResult(headers, pairs, capacity));
        }

        Progress("Done", 1);
        return new ComparisonResult(tool.Name, tool.CanChangeHeaders, Machine.Read(location.IsDebugBuild), options, sets);
    }

    private Task<SampleServer> StartAsync(Front front, int port, CancellationToken cancellationToken) =>
        SampleServer.StartAsync(location, new SampleSettings(front, options.Capacity, options.Reclamation, port), cancellationToken);

    private async Task WarmUpAsync(SampleServer server, HeaderSet headers, double done, CancellationToken cancellationToken)
    {
        Progress($"{headers.Name}: warming up {server.Name}", done);
        await AskOnceAsync(server, headers, cancellationToken);
        if (options.WarmUp > TimeSpan.Zero)
        {
            await LoadAsync(server, headers, options.WarmUp, cancellationToken);
        }
    }

    private async Task<Round> MeasureAsync(SampleServer server, Front front, HeaderSet headers, int round, double done, CancellationToken cancellationToken)
    {
        Progress(string.Create(CultureInfo.InvariantCulture, $"{headers.Name}: round {round + 1} of {options.Rounds}, {server.Name}"), done);
        ServerStats start = await server.ReadStatsAsync(cancellationToken);
        LoadOutcome outcome = await LoadAsync(server, headers, options.Duration, cancellationToken);
        ServerStats end = await server.ReadStatsAsync(cancellationToken);
        return new Round(front, outcome, ServerCost.Between(start, end));
    }

    private async Task<LoadOutcome> LoadAsync(SampleServer server, HeaderSet headers, TimeSpan duration, CancellationToken cancellationToken)
    {
        LoadPlan plan = new(new Uri(server.Address, options.Path), headers, options.Connections, duration) { Pipeline = options.Pipeline };
        LoadOutcome outcome = await server.WhileAliveAsync(cancel => tool.RunAsync(plan, cancel), cancellationToken);
        return outcome.Failure is { } failure
            ? throw new LoadTestException($"{tool.Name} against {server.Name} with the headers '{headers.Name}': {failure}.", ExitCode.Failed)
            : outcome;
    }

    /// <summary>One request of our own: wrk would count a redirect as a success.</summary>
    private async Task AskOnceAsync(SampleServer server, HeaderSet headers, CancellationToken cancellationToken)
    {
        using SocketsHttpHandler handler = new() { AllowAutoRedirect = false, UseProxy = false };
        using HttpClient client = new(handler) { Timeout = TimeSpan.FromSeconds(10) };
        using HttpRequestMessage request = new(HttpMethod.Get, new Uri(server.Address, options.Path));
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
