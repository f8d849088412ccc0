using System.Globalization;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using OneShot.AspNetCore.Restart;

namespace OneShot.AspNetCore.Health;

/// <summary>
/// Reports how full the sources of memory are: Degraded from the warning on, or when the arena could not serve lately, the registration's
/// failure status from <paramref name="failsFrom"/> on.
/// </summary>
/// <param name="process">Whose counters are in the data, with the arena's own names; null to leave it at what all sources have.</param>
/// <param name="heap">The heap budget.</param>
/// <param name="monitor">What is asked.</param>
/// <param name="failsFrom">The phase.</param>
internal sealed class RestartHealthCheck(ProcessArena? process, HeapBudget heap, RestartMonitor monitor, RestartPhase failsFrom) : IHealthCheck
{
    public Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default)
    {
        RestartReading reading = monitor.Read();
        HealthStatus status = StatusOf(reading, failure: context.Registration.FailureStatus);
        return Task.FromResult(new HealthCheckResult(status, Describe(reading), data: Data(reading)));
    }

    /// <summary>The first row that holds is the answer.</summary>
    private HealthStatus StatusOf(RestartReading reading, HealthStatus failure) => reading switch
    {
        // Nobody else serves yet, and perhaps never will: a balancer that sent nobody here would make that an outage.
        { AwaitsSuccessor: true } => HealthStatus.Degraded,

        // What ends itself must be left to it: a kubelet that sees anything but health would cut the drain short.
        { IsStopping: true } when failsFrom == RestartPhase.Due => HealthStatus.Healthy,

        // The server listens before the host has started: ready for that moment, it would be ready, unready and ready again.
        _ when heap.State is HeapBudgetState.Pending or HeapBudgetState.Populating && failsFrom == RestartPhase.Draining => failure,
        _ when reading.Phase >= failsFrom => failure,
        { Phase: >= RestartPhase.Warning } or { Shortages: > 0 } => HealthStatus.Degraded,
        _ => HealthStatus.Healthy,
    };

    private string Describe(RestartReading reading) =>
        (reading.Sources.Count == 0 ? "Nothing here has a limit." : string.Join(' ', reading.Sources.Select(DescribeSource)))
        + DescribeState(heap) + (reading.Shortages == 0 ? "" : string.Create(
            CultureInfo.InvariantCulture,
            $" In the last minute {reading.Shortages} allocations found no room in the process arena: they were refused, or went to the GC's heap."));

    private static string DescribeState(HeapBudget heap) => heap.State switch
    {
        HeapBudgetState.Pending => " The heap budget has not begun: the host is starting.",
        HeapBudgetState.Populating => " The heap budget is being faulted in.",
        HeapBudgetState.Spent when heap.Used >= heap.Limit => " The heap budget is spent: garbage collection has resumed.",
        HeapBudgetState.Spent => " The heap budget was not granted again: garbage collection has resumed.",
        HeapBudgetState.Left => " The heap budget was left: garbage collection has resumed, and the process drains.",
        HeapBudgetState.Refused => " The heap budget was not granted: garbage is collected as ever.",
        _ => "",
    };

    private static string DescribeSource(SourceReading reading) => DescribeFill(reading) + (reading.HeldBack is not { } left ? "" : string.Create(
        CultureInfo.InvariantCulture, $" That restarts nothing for another {left.TotalSeconds:0} s: the process has not lived for MinLife yet."));

    private static string DescribeFill(SourceReading reading) => !reading.IsLimited ? $"The {reading.Source.Name} has no limit any more." : string.Create(
        CultureInfo.InvariantCulture,
        $"The {reading.Source.Name} is {100 * reading.Utilization:0.0} % full: {reading.Used} of {reading.Limit} bytes (warns at {reading.Ladder.WarnAt * 100:0.#} %, drains at {reading.Ladder.DrainAt * 100:0.#} %, restarts at {reading.Ladder.LiveAt * 100:0.#} %).");

    private Dictionary<string, object> Data(RestartReading reading)
    {
        Dictionary<string, object> data = new(StringComparer.Ordinal) { ["phase"] = reading.Phase.ToString() };
        foreach (SourceReading source in reading.Sources)
        {
            if (process is not null && source.Source.Key == ArenaSource.KeyOfSource)
            {
                AddArena(data, process, source);
                data["recentShortages"] = reading.Shortages;
            }
            else if (source.IsLimited)
            {
                Add(data, source);
            }
        }

        if (heap.State != HeapBudgetState.Off)
        {
            data["heapState"] = heap.State.ToString();
        }

        return data;
    }

    private static void AddArena(Dictionary<string, object> data, ProcessArena process, SourceReading arena)
    {
        data["capacity"] = arena.Limit;
        data["used"] = arena.Used;
        data["utilization"] = arena.Utilization;
        data["reclamation"] = process.Reclamation.ToString();
        data["fallbackBlocks"] = process.FallbackBlocks;
        data["fallbackBytes"] = process.FallbackBytes;
        data["refusals"] = process.Refusals;
        data["drainAt"] = arena.Ladder.DrainAt;
        AddTimes(data, arena, "timeToFullSeconds", "heldBackSeconds");
    }

    private static void Add(Dictionary<string, object> data, SourceReading reading)
    {
        string key = reading.Source.Key;
        data[key + "Limit"] = reading.Limit;
        data[key + "Used"] = reading.Used;
        data[key + "Utilization"] = reading.Utilization;
        data[key + "DrainAt"] = reading.Ladder.DrainAt;
        AddTimes(data, reading, key + "TimeToFullSeconds", key + "HeldBackSeconds");
    }

    private static void AddTimes(Dictionary<string, object> data, SourceReading reading, string timeToFull, string heldBack)
    {
        if (reading.TimeToFull is { } left)
        {
            data[timeToFull] = left.TotalSeconds;
        }

        if (reading.HeldBack is { } held)
        {
            data[heldBack] = held.TotalSeconds;
        }
    }
}
