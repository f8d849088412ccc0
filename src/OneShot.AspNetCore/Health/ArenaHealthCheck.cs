using System.Globalization;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using OneShot.AspNetCore.Restart;

namespace OneShot.AspNetCore.Health;

/// <summary>
/// Reports how full the process arena is: Degraded from the warning on, or when it could not serve lately, the registration's
/// failure status from <paramref name="failsFrom"/> on.
/// </summary>
internal sealed class ArenaHealthCheck(ProcessArena process, RestartMonitor monitor, RestartPhase failsFrom) : IHealthCheck
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

    private static string Describe(RestartReading reading) => DescribeFill(reading) + DescribeHeldBack(reading) + (reading.Shortages == 0 ? "" : string.Create(
        CultureInfo.InvariantCulture,
        $" In the last minute {reading.Shortages} allocations found no room in it: they were refused, or went to the GC's heap."));

    private static string DescribeHeldBack(RestartReading reading) => reading.HeldBack is not { } left ? "" : string.Create(
        CultureInfo.InvariantCulture, $" It has not lived for MinLife yet, and neither drains nor restarts for another {left.TotalSeconds:0} s.");

    private static string DescribeFill(RestartReading reading) => string.Create(
        CultureInfo.InvariantCulture,
        $"The process arena is {100.0 * reading.Used / reading.Capacity:0.0} % full: {reading.Used} of {reading.Capacity} bytes (warns at {reading.Ladder.WarnAt * 100:0.#} %, drains at {reading.Ladder.DrainAt * 100:0.#} %, restarts at {reading.Ladder.LiveAt * 100:0.#} %).");

    private Dictionary<string, object> Data(RestartReading reading)
    {
        Dictionary<string, object> data = new(StringComparer.Ordinal)
        {
            ["capacity"] = reading.Capacity,
            ["used"] = reading.Used,
            ["utilization"] = (double)reading.Used / reading.Capacity,
            ["reclamation"] = process.Reclamation.ToString(),
            ["fallbackBlocks"] = process.FallbackBlocks,
            ["fallbackBytes"] = process.FallbackBytes,
            ["refusals"] = process.Refusals,
            ["recentShortages"] = reading.Shortages,
            ["phase"] = reading.Phase.ToString(),
            ["drainAt"] = reading.Ladder.DrainAt,
        };
        if (reading.TimeToFull is { } left)
        {
            data["timeToFullSeconds"] = left.TotalSeconds;
        }

        if (reading.HeldBack is { } heldBack)
        {
            data["heldBackSeconds"] = heldBack.TotalSeconds;
        }

        return data;
    }
}
