using System.Globalization;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using OneShot.AspNetCore.Restart;

namespace OneShot.AspNetCore.Health;

/// <summary>
/// Reports how full the process arena and the heap budget are: Degraded from the warning on, or when it could not serve lately, the registration's
/// failure status from <paramref name="failsFrom"/> on.
/// </summary>
internal sealed class ArenaHealthCheck(ProcessArena process, HeapBudget heap, RestartMonitor monitor, RestartPhase failsFrom) : IHealthCheck
{
    public Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default)
    {
        RestartReading reading = monitor.Read();
        HealthStatus status = reading.Phase >= failsFrom ? context.Registration.FailureStatus
            : reading.Phase >= RestartPhase.Warning || reading.Shortages > 0 ? HealthStatus.Degraded
            : HealthStatus.Healthy;

        // What ends itself must be left to it: a kubelet that sees anything but health would cut the drain short.
        if (reading.IsStopping && failsFrom == RestartPhase.Due)
        {
            status = HealthStatus.Healthy;
        }

        return Task.FromResult(new HealthCheckResult(status, Describe(reading), data: Data(reading)));
    }

    private string Describe(RestartReading reading) =>
        string.Join(' ', reading.Sources.Select(DescribeSource)) + (heap.State == HeapBudgetState.Spent ? " The heap budget is spent: garbage collection has resumed." : "") + (reading.Shortages == 0 ? "" : string.Create(
            CultureInfo.InvariantCulture,
            $" In the last minute {reading.Shortages} allocations found no room in the process arena: they were refused, or went to the GC's heap."));

    private static string DescribeSource(SourceReading reading) => DescribeFill(reading) + (reading.HeldBack is not { } left ? "" : string.Create(
        CultureInfo.InvariantCulture, $" That restarts nothing for another {left.TotalSeconds:0} s: the process has not lived for MinLife yet."));

    private static string DescribeFill(SourceReading reading) => string.Create(
        CultureInfo.InvariantCulture,
        $"The {reading.Source.Name} is {100 * reading.Utilization:0.0} % full: {reading.Used} of {reading.Limit} bytes (warns at {reading.Ladder.WarnAt * 100:0.#} %, drains at {reading.Ladder.DrainAt * 100:0.#} %, restarts at {reading.Ladder.LiveAt * 100:0.#} %).");

    private Dictionary<string, object> Data(RestartReading reading)
    {
        SourceReading arena = reading.Sources[0];
        Dictionary<string, object> data = new(StringComparer.Ordinal)
        {
            ["capacity"] = arena.Limit,
            ["used"] = arena.Used,
            ["utilization"] = arena.Utilization,
            ["reclamation"] = process.Reclamation.ToString(),
            ["fallbackBlocks"] = process.FallbackBlocks,
            ["fallbackBytes"] = process.FallbackBytes,
            ["refusals"] = process.Refusals,
            ["recentShortages"] = reading.Shortages,
            ["phase"] = reading.Phase.ToString(),
            ["drainAt"] = arena.Ladder.DrainAt,
        };
        if (arena.TimeToFull is { } left)
        {
            data["timeToFullSeconds"] = left.TotalSeconds;
        }

        if (arena.HeldBack is { } heldBack)
        {
            data["heldBackSeconds"] = heldBack.TotalSeconds;
        }

        foreach (SourceReading source in reading.Sources.Skip(1))
        {
            AddTo(data, source);
        }

        if (heap.State != HeapBudgetState.Off)
        {
            data["heapState"] = heap.State.ToString();
        }

        return data;
    }

    private static void AddTo(Dictionary<string, object> data, SourceReading reading)
    {
        string key = reading.Source.Key;
        data[key + "Limit"] = reading.Limit;
        data[key + "Used"] = reading.Used;
        data[key + "Utilization"] = reading.Utilization;
        if (reading.TimeToFull is { } left)
        {
            data[key + "TimeToFullSeconds"] = left.TotalSeconds;
        }

        if (reading.HeldBack is { } heldBack)
        {
            data[key + "HeldBackSeconds"] = heldBack.TotalSeconds;
        }
    }
}
