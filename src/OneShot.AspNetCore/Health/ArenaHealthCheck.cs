using System.Globalization;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace OneShot.AspNetCore.Health;

/// <summary>
/// Reports how full the process arena is: Degraded from <paramref name="warnAt"/> on, the registration's failure status from
/// <paramref name="failAt"/> on.
/// </summary>
internal sealed class ArenaHealthCheck(ProcessArena process, double warnAt, double failAt) : IHealthCheck
{
    public Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default)
    {
        // One reading, so that the status, the text and the data say the same.
        long used = process.Used;
        double utilization = (double)used / process.Capacity;

        HealthStatus status = utilization >= failAt ? context.Registration.FailureStatus
            : utilization >= warnAt ? HealthStatus.Degraded
            : HealthStatus.Healthy;

        return Task.FromResult(new HealthCheckResult(status, Describe(used, utilization), data: Data(used, utilization)));
    }

    private string Describe(long used, double utilization) => string.Create(
        CultureInfo.InvariantCulture,
        $"The process arena is {utilization * 100:0.0} % full: {used} of {process.Capacity} bytes (warns at {warnAt * 100:0.#} %, fails at {failAt * 100:0.#} %).");

    private Dictionary<string, object> Data(long used, double utilization) => new(StringComparer.Ordinal)
    {
        ["capacity"] = process.Capacity,
        ["used"] = used,
        ["utilization"] = utilization,
        ["reclamation"] = process.Reclamation.ToString(),
        ["fallbackBlocks"] = process.FallbackBlocks,
        ["fallbackBytes"] = process.FallbackBytes,
    };
}
