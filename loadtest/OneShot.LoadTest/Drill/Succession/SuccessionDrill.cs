using System.Globalization;
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

    private static readonly TimeSpan s_startTimeout = TimeSpan.FromSeconds(60);

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

        CountedLoad load = await new ServiceLoad(options, options.Successions, "successions")
        {
            Count = () => generations.Takeovers.Count,
            Ended = () => first.Exited.IsCompleted ? $"the service has ended: {first.LastOutput}" : null, // the first process, and all that write where it did
            Settling = options.DrainDelay, // the end of the process before the last is a part of it
        }.RunAsync(await generations.Address, cancellationToken);
        return new SuccessionResult(options, load, [.. generations.Takeovers.Select(static takeover => takeover.Start)], generations.Failures);
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
/// <param name="Successions">The drill is over after that many.</param>
/// <param name="DrainDelay">How long a process that was succeeded serves on.</param>
internal sealed record SuccessionOptions(Transport Transport, int Successions, TimeSpan Limit, string Capacity, double RequestsPerSecond, int Clients, TimeSpan DrainDelay)
    : ServiceDrillOptions(Transport, Limit, Capacity, RequestsPerSecond, Clients);

/// <summary>Everything a report of <c>succession</c> says.</summary>
/// <param name="Starts">Of each successor, from its start until it was ready. Nobody was away meanwhile.</param>
/// <param name="FailedSuccessors">What was said of successors that have failed.</param>
internal sealed record SuccessionResult(SuccessionOptions Options, CountedLoad Load, IReadOnlyList<TimeSpan> Starts, IReadOnlyList<string> FailedSuccessors) : ServiceDrillResult(Load)
{
    protected override IEnumerable<string> OwnFaults => FailedSuccessors.Take(1).Select(static failed => $"successors have failed: {failed}");
}
