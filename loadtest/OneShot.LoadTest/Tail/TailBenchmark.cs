using System.Globalization;
using System.Net;
using System.Text;
using OneShot.LoadTest.Compare;
using OneShot.LoadTest.Servers;
using OneShot.LoadTest.Tail.Load;

namespace OneShot.LoadTest.Tail;

/// <summary>
/// Sides in turn, each turn with a server of its own: a heap budget begins with the process. The server is asked for its figures before and
/// after the load, and for nothing meanwhile.
/// </summary>
internal sealed class TailBenchmark(TailOptions options, SampleLocation location)
{
    private const string Path = "/plaintext";

    /// <summary>The runtime hands over its events a moment after they were: within 100 ms here.</summary>
    private static readonly TimeSpan s_eventDelay = TimeSpan.FromSeconds(1);

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
        BudgetLog log = new();
        await using SampleServer server = await SampleServer.StartAsync(location, TailSides.Settings(side, garbage, options), cancellationToken, log.OnLine);
        OpenLoopLoad load = Load(server.Address);
        if (options.WarmUp > TimeSpan.Zero)
        {
            Tell("warming up");
            await server.WhileAliveAsync(cancel => load.RunAsync(options.WarmUp, cancel), cancellationToken);
        }

        Tell("measuring");
        ServerStats before = await server.ReadStatsAsync(cancellationToken);
        (OpenLoopOutcome outcome, LatencyRecord hiccups) = await new HiccupMeter().WhileAsync(
            () => server.WhileAliveAsync(cancel => load.RunAsync(options.Duration, cancel), cancellationToken));
        ServerStats after = await server.ReadStatsAsync(cancellationToken);
        await Task.Delay(s_eventDelay, cancellationToken);
        IReadOnlyList<GcPause> pauses = await server.ReadGcPausesAsync(cancellationToken);
        TimeSpan end = options.Duration + (outcome.Overrun > TimeSpan.Zero ? outcome.Overrun : TimeSpan.Zero);
        return new TailTurn(
            side,
            round,
            outcome.Latencies,
            outcome.Failures,
            outcome.Overrun,
            outcome.Lateness,
            outcome.ClientPauses,
            ServerCost.Between(before, after).CpuMicroseconds,
            after.Gc - before.Gc,
            [.. pauses.Select(pause => new TurnPause(pause.At - outcome.Started, pause.Microseconds)).Where(pause => pause.At >= TimeSpan.Zero && pause.At < end)],
            log.Since(outcome.Started),
            hiccups);
    }

    private OpenLoopLoad Load(Uri address) => new(
        new IPEndPoint(IPAddress.Loopback, address.Port),
        Encoding.ASCII.GetBytes($"GET {Path} HTTP/1.1\r\nHost: {address.Authority}\r\nAccept: text/plain\r\nUser-Agent: loadtest\r\n\r\n"),
        options.RequestsPerSecond,
        options.Connections);
}
