using System.Globalization;
using OneShot.LoadTest.Drill.Traffic;
using OneShot.LoadTest.Processes;
using OneShot.LoadTest.Servers;

namespace OneShot.LoadTest.Drill.Succession;

/// <summary>
/// One process that starts its own successor whenever its arena is nearly full, and so on: nobody holds the socket, nobody restarts anything,
/// no balancer, and every request counted.
/// </summary>
internal sealed class SuccessionDrill(SuccessionOptions options, SampleLocation location)
{
    private const string MarkName = "ONESHOT_DRILL";

    // The client looks every second which of its connections have idled for so long: long before the process before ends none is left to be sent into its closing.
    private static readonly TimeSpan s_idleTimeout = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan s_startTimeout = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan s_look = TimeSpan.FromMilliseconds(50);

    private readonly string _mark = Guid.NewGuid().ToString("N");

    /// <summary>Is told what happens, with how much of the whole is done, 0 to 1.</summary>
    public Action<string, double> Progress { get; init; } = static (_, _) => { };

    /// <exception cref="LoadTestException">The process could not be started, or the service has ended.</exception>
    public async Task<SuccessionResult> RunAsync(CancellationToken cancellationToken)
    {
        int done = 0;
        Generations generations = new(takeover => Progress(
            string.Create(CultureInfo.InvariantCulture, $"process {takeover.ProcessId} took over, ready after {takeover.Start.TotalMilliseconds:0} ms"),
            Math.Min(1, (double)Interlocked.Increment(ref done) / options.Successions)));
        Progress("Starting", 0);
        await using ChildProcess first = ChildProcess.Start(location.File, [.. location.LeadingArguments, .. Arguments()], new Dictionary<string, string> { [MarkName] = _mark }, generations.OnLine);
        try
        {
            return await MeasureAsync(first, generations, cancellationToken);
        }
        finally
        {
            await EndAsync(first, generations);
        }
    }

    private async Task<SuccessionResult> MeasureAsync(ChildProcess first, Generations generations, CancellationToken cancellationToken)
    {
        if (await Task.WhenAny(generations.Address, first.Exited, Task.Delay(s_startTimeout, cancellationToken)) != generations.Address)
        {
            throw new LoadTestException($"The server did not listen within {s_startTimeout.TotalSeconds:0} s: {first.LastOutput}");
        }

        RequestTally tally = new();
        string? unfinished = null;
        long begun = TimeProvider.System.GetTimestamp();
        using CancellationTokenSource loading = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        Task load = new SteadyLoad(await generations.Address, options.RequestsPerSecond, options.Clients, tally, s_idleTimeout).RunAsync(loading.Token);
        while (generations.Takeovers.Count < options.Successions && unfinished is null)
        {
            await Task.Delay(s_look, cancellationToken);
            if (first.Exited.IsCompleted)
            {
                unfinished = $"the service has ended: {first.LastOutput}"; // the first process, and all that write where it did
            }
            else if (TimeProvider.System.GetElapsedTime(begun) > options.Limit)
            {
                unfinished = string.Create(CultureInfo.InvariantCulture, $"only {generations.Takeovers.Count} of {options.Successions} successions within {options.Limit.TotalSeconds:0} s");
            }
        }

        // The end of the process before the last is a part of it.
        await Task.Delay(options.DrainDelay, cancellationToken);
        await loading.CancelAsync();
        await load;
        return new SuccessionResult(
            options,
            TimeProvider.System.GetElapsedTime(begun),
            tally.Succeeded,
            tally.Failures(),
            tally.Latencies(),
            [.. generations.Takeovers.Select(static takeover => takeover.Start)],
            generations.Failures,
            unfinished);
    }

    /// <summary>Ends the last, and whoever it has begun to be succeeded by. All of them were started by the first, which this drill has started.</summary>
    private async Task EndAsync(ChildProcess first, Generations generations)
    {
        long begun = TimeProvider.System.GetTimestamp();
        while (!first.Exited.IsCompleted && TimeProvider.System.GetElapsedTime(begun) < s_startTimeout)
        {
            first.Terminate();
            foreach (int id in generations.Started)
            {
                Signals.TerminateDescendant(id, $"{MarkName}={_mark}");
            }

            await Task.WhenAny(first.Exited, Task.Delay(TimeSpan.FromSeconds(1)));
        }
    }

    private string[] Arguments() =>
    [
        "--urls", "http://127.0.0.1:0",
        $"--OneShot:Transport={options.Transport}",
        $"--OneShot:Capacity={options.Capacity}",
        "--OneShot:Reclamation=Never",
        "--OneShot:MemoryCheck=Off",
        "--OneShot:Restart:Succeed=true",
        "--OneShot:Restart:MinLife=00:00:00",
        string.Create(CultureInfo.InvariantCulture, $"--OneShot:Restart:DrainDelay={options.DrainDelay:c}"),
        "--Logging:LogLevel:Default=Warning",
        "--Logging:LogLevel:OneShot.AspNetCore.Restart=Information",
    ];
}

/// <summary>What <c>succession</c> was asked to do.</summary>
/// <param name="Transport">Of every generation.</param>
/// <param name="Successions">The drill is over after that many.</param>
/// <param name="Limit">Or after that long, and has failed then.</param>
/// <param name="Capacity">Of the arena.</param>
/// <param name="RequestsPerSecond">Over all clients.</param>
/// <param name="Clients">One request at a time each.</param>
/// <param name="DrainDelay">How long a process that was succeeded serves on.</param>
internal sealed record SuccessionOptions(Transport Transport, int Successions, TimeSpan Limit, string Capacity, double RequestsPerSecond, int Clients, TimeSpan DrainDelay);

/// <summary>Everything a report of <c>succession</c> says.</summary>
/// <param name="Starts">Of each successor, from its start until it was ready. Nobody was away meanwhile.</param>
/// <param name="FailedSuccessors">What was said of successors that have failed.</param>
internal sealed record SuccessionResult(
    SuccessionOptions Options,
    TimeSpan Duration,
    long Succeeded,
    IReadOnlyDictionary<string, int> Failures,
    Latencies Latencies,
    IReadOnlyList<TimeSpan> Starts,
    IReadOnlyList<string> FailedSuccessors,
    string? Unfinished)
{
    public long Failed => Failures.Values.Sum(static count => (long)count);

    /// <summary>What the drill is about did not hold; null when it did.</summary>
    public string? Verdict
    {
        get
        {
            List<string> faults = Unfinished is { } unfinished ? [unfinished] : [];
            if (Failed > 0)
            {
                faults.Add(string.Create(CultureInfo.InvariantCulture, $"{Failed} requests failed"));
            }

            if (FailedSuccessors.Count > 0)
            {
                faults.Add($"successors have failed: {FailedSuccessors[0]}");
            }

            return faults.Count == 0 ? null : string.Join(", ", faults);
        }
    }
}
