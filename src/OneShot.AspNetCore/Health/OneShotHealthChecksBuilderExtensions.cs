using Microsoft.Extensions.Diagnostics.HealthChecks;
using OneShot;
using OneShot.AspNetCore.Health;
using OneShot.AspNetCore.Restart;

namespace Microsoft.Extensions.DependencyInjection;

/// <summary>Adds the health checks that tell an orchestrator how full the process arena is.</summary>
public static class OneShotHealthChecksBuilderExtensions
{
    /// <summary>
    /// Adds two checks on the process arena, because readiness must trip before liveness: <c>{name}_ready</c>, tagged
    /// <c>ready</c>, fails while the process drains (<see cref="RestartPhase.Draining"/>), and <c>{name}_live</c>, tagged
    /// <c>live</c>, when a restart is due (<see cref="RestartPhase.Due"/>), and never while the process is stopping itself.
    /// Both are Degraded from <see cref="RestartOptions.WarnAt"/> on, and while allocations of the last minute found no room, whatever the fill.
    /// </summary>
    /// <param name="builder">From <c>services.AddHealthChecks()</c>.</param>
    /// <param name="name">The first part of both names: <c>oneshot_arena</c> gives <c>oneshot_arena_ready</c> and <c>oneshot_arena_live</c>.</param>
    /// <param name="failureStatus">What a failing check reports; <see cref="HealthStatus.Unhealthy"/> when left out.</param>
    /// <param name="tags">Tags for both checks, on top of <c>ready</c> and <c>live</c>.</param>
    /// <param name="timeout">Given to both registrations; the checks themselves read two counters and wait for nothing.</param>
    /// <remarks>
    /// The data of each check carries <c>capacity</c>, <c>used</c> (bytes), <c>utilization</c> (0 to 1), <c>reclamation</c>,
    /// <c>fallbackBlocks</c>, <c>fallbackBytes</c> and <c>refusals</c> (since start), <c>recentShortages</c> (blocks from the GC and refusals of the last minute), <c>phase</c>, <c>drainAt</c> (this process's share, jitter
    /// and all) and, while the arena is filling, <c>timeToFullSeconds</c>; while <see cref="RestartOptions.MinLife"/> keeps the process from
    /// the next step, <c>heldBackSeconds</c>; with a heap budget also <c>heapLimit</c>, <c>heapUsed</c> (bytes), <c>heapUtilization</c>,
    /// <c>heapState</c>, <c>heapTimeToFullSeconds</c> and <c>heapHeldBackSeconds</c>. Needs <c>services.AddOneShotArena()</c>.
    /// </remarks>
    public static IHealthChecksBuilder AddOneShotArena(
        this IHealthChecksBuilder builder,
        string name = "oneshot_arena",
        HealthStatus? failureStatus = null,
        IEnumerable<string>? tags = null,
        TimeSpan? timeout = null)
    {
        ArgumentNullException.ThrowIfNull(builder);
        ArgumentException.ThrowIfNullOrEmpty(name);

        string[] shared = tags is null ? [] : [.. tags];
        return builder
            .Add(new HealthCheckRegistration($"{name}_ready", static services => Create(services, RestartPhase.Draining), failureStatus, ["ready", .. shared], timeout))
            .Add(new HealthCheckRegistration($"{name}_live", static services => Create(services, RestartPhase.Due), failureStatus, ["live", .. shared], timeout));
    }

    private static ArenaHealthCheck Create(IServiceProvider services, RestartPhase failsFrom)
    {
        if (services.GetService<RestartMonitor>() is not { } monitor)
        {
            throw new InvalidOperationException(
                "The health checks of OneShot need its arena services: call builder.Services.AddOneShotArena() beside AddHealthChecks().");
        }

        return new ArenaHealthCheck(services.GetRequiredService<ProcessArena>(), services.GetRequiredService<HeapBudget>(), monitor, failsFrom);
    }
}
