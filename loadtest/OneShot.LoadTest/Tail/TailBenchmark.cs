using System.Globalization;
using System.Net;
using System.Text;
using OneShot.LoadTest.Compare;
using OneShot.LoadTest.Servers;
using OneShot.LoadTest.Tail.Load;
using OneShot.LoadTest.Tail.Targets;

namespace OneShot.LoadTest.Tail;

/// <summary>
/// Sides in turn, each turn with a server of its own, or replicas of its own behind a balancer: a heap budget begins with the process.
/// </summary>
/// <param name="options">What to do.</param>
/// <param name="location">Where the sample is.</param>
/// <param name="haProxy">Where HAProxy is; null for a single process.</param>
internal sealed class TailBenchmark(TailOptions options, SampleLocation location, string? haProxy = null)
{
    private const string Path = "/plaintext";

    /// <summary>Is told before each step, with how much of the whole is done, 0 to 1.</summary>
    public Action<string, double> Progress { get; init; } = static (_, _) => { };

    /// <exception cref="LoadTestException">A server did not start, or died.</exception>
    public async Task<TailResult> RunAsync(CancellationToken cancellationToken)
    {
        List<TailSet> sets = [];
        int turnsPerSet = options.Rounds * options.Sides.Count;
        foreach (int garbage in options.Garbage)
        {
            List<TailTurn> turns = [];
            for (int round = 0; round < options.Rounds; round++)
            {
                foreach (int side in Turns.Of(options.Sides.Count, round))
                {
                    double done = ((double)(sets.Count * turnsPerSet) + turns.Count) / (options.Garbage.Count * turnsPerSet);
                    turns.Add(await TakeAsync(options.Sides[side], garbage, round, done, cancellationToken));
                }
            }

            sets.Add(new TailSet(garbage, turns));
        }

        Progress("Done", 1);
        return new TailResult(Machine.Read(location.IsDebugBuild), RuntimeVariables.OfEverySide(), options, sets);
    }

    private async Task<TailTurn> TakeAsync(TailSide side, int garbage, int round, double done, CancellationToken cancellationToken)
    {
        void Tell(string step) => Progress(string.Create(
            CultureInfo.InvariantCulture, $"{garbage:#,0} bytes a request, round {round + 1} of {options.Rounds}, {TailSides.Describe(side, options)}: {step}"), done);

        Tell("starting");
        await using ITailTarget target = await StartAsync(side, garbage, cancellationToken);
        OpenLoopLoad load = Load(target.Address);
        if (options.WarmUp > TimeSpan.Zero)
        {
            Tell("warming up");
            await target.WhileAliveAsync(cancel => load.RunAsync(options.WarmUp, cancel), cancellationToken);
        }

        Tell("measuring");
        await target.BeginAsync(cancellationToken);
        (OpenLoopOutcome outcome, LatencyRecord hiccups) = await new HiccupMeter().WhileAsync(
            () => target.WhileAliveAsync(cancel => load.RunAsync(options.Duration, cancel), cancellationToken));
        TargetFigures figures = await target.EndAsync(outcome.Started, cancellationToken);
        TimeSpan end = options.Duration + (outcome.Overrun > TimeSpan.Zero ? outcome.Overrun : TimeSpan.Zero);
        return new TailTurn(
            side,
            round,
            outcome.Latencies,
            outcome.Failures,
            outcome.Overrun,
            outcome.Lateness,
            outcome.ClientPauses,
            figures.CpuMicroseconds / Math.Max(1, outcome.Requests),
            figures.Gc,
            [.. figures.Pauses.Select(pause => new TurnPause(pause.At - outcome.Started, pause.Microseconds)).Where(pause => pause.At >= TimeSpan.Zero && pause.At < end)],
            figures.Marks,
            hiccups)
        {
            Replicas = figures.Replicas,
        };
    }

    private async Task<ITailTarget> StartAsync(TailSide side, int garbage, CancellationToken cancellationToken)
    {
        SampleSettings settings = TailSides.Settings(side, garbage, options);
        return haProxy is null
            ? await SingleProcess.StartAsync(location, settings, cancellationToken)
            : await BalancedReplicas.StartAsync(options, location, haProxy, settings, age: side == TailSide.Budget, cancellationToken);
    }

    private OpenLoopLoad Load(Uri address) => new(
        new IPEndPoint(IPAddress.Loopback, address.Port),
        Encoding.ASCII.GetBytes($"GET {Path} HTTP/1.1\r\nHost: {address.Authority}\r\nAccept: text/plain\r\nUser-Agent: loadtest\r\n\r\n"),
        options.RequestsPerSecond,
        options.Connections);
}
