using Microsoft.Extensions.Diagnostics.HealthChecks;
using OneShot;
using OneShot.AspNetCore.Health;
using OneShot.AspNetCore.Restart;

namespace Microsoft.Extensions.DependencyInjection;

/// <summary>Adds the health checks that tell an orchestrator how far the process is on its way to a restart.</summary>
public static class OneShotHealthChecksBuilderExtensions
{
    /// <summary>
    /// Adds two checks on the process arena and the other sources of the restart ladder, because readiness must trip before liveness: <c>{name}_ready</c>, tagged
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
    /// <c>heapState</c>, <c>heapTimeToFullSeconds</c> and <c>heapHeldBackSeconds</c>;
    /// the same of the container's memory and of the GC's heap where these have limits, with <c>container</c> and <c>gc</c>. Needs <c>services.AddOneShotArena()</c>.
    /// </remarks>
    public static IHealthChecksBuilder AddOneShotArena(
        this IHealthChecksBuilder builder,
        string name = "oneshot_arena",
        HealthStatus? failureStatus = null,
        IEnumerable<string>? tags = null,
        TimeSpan? timeout = null)
    {
        return Add(builder, name, CreateWithArena, failureStatus, tags, timeout);
    }

    /// <summary>
    /// Adds the same two checks, <c>{name}_ready</c> and <c>{name}_live</c>, on the sources of the restart ladder, for a process that need not have an arena.
    /// </summary>
    /// <param name="builder">From <c>services.AddHealthChecks()</c>.</param>
    /// <param name="name">The first part of both names.</param>
    /// <param name="failureStatus">What a failing check reports; <see cref="HealthStatus.Unhealthy"/> when left out.</param>
    /// <param name="tags">Tags for both checks, on top of <c>ready</c> and <c>live</c>.</param>
    /// <param name="timeout">Given to both registrations; the checks themselves wait for nothing.</param>
    /// <remarks>
    /// The data of each check carries <c>phase</c> and, of each source, under its key <c>arena</c>, <c>heap</c>, <c>container</c> or <c>gc</c>: <c>{key}Limit</c>, <c>{key}Used</c> (bytes),
    /// <c>{key}Utilization</c>, <c>{key}DrainAt</c> (0 to 1), <c>{key}TimeToFullSeconds</c> and <c>{key}HeldBackSeconds</c> as there is one. Needs <c>services.AddOneShotRestart()</c>
    /// or <c>services.AddOneShotArena()</c>.
    /// </remarks>
    public static IHealthChecksBuilder AddOneShotRestart(
        this IHealthChecksBuilder builder,
        string name = "oneshot_restart",
        HealthStatus? failureStatus = null,
        IEnumerable<string>? tags = null,
        TimeSpan? timeout = null) => Add(builder, name, Create, failureStatus, tags, timeout);

    private static IHealthChecksBuilder Add(
        IHealthChecksBuilder builder,
        string name,
        Func<IServiceProvider, RestartPhase, RestartHealthCheck> create,
        HealthStatus? failureStatus,
        IEnumerable<string>? tags,
        TimeSpan? timeout)
    {
        ArgumentNullException.ThrowIfNull(builder);
        ArgumentException.ThrowIfNullOrEmpty(name);

        string[] shared = tags is null ? [] : [.. tags];
        return builder
            .Add(new HealthCheckRegistration($"{name}_ready", services => create(services, RestartPhase.Draining), failureStatus, ["ready", .. shared], timeout))
            .Add(new HealthCheckRegistration($"{name}_live", services => create(services, RestartPhase.Due), failureStatus, ["live", .. shared], timeout));
    }

    private static RestartHealthCheck CreateWithArena(IServiceProvider services, RestartPhase failsFrom) =>
        services.GetService<RestartMonitor>()?.Read(ArenaSource.KeyOfSource) is not null
            ? Create(services, services.GetRequiredService<ProcessArena>(), failsFrom)
            : throw new InvalidOperationException(
                "The health checks of OneShot's arena need its services: call builder.Services.AddOneShotArena() beside AddHealthChecks().");

    private static RestartHealthCheck Create(IServiceProvider services, RestartPhase failsFrom) => Create(services, process: null, failsFrom);

    private static RestartHealthCheck Create(IServiceProvider services, ProcessArena? process, RestartPhase failsFrom) =>
        services.GetService<RestartMonitor>() is { } monitor
            ? new RestartHealthCheck(process, services.GetRequiredService<HeapBudget>(), monitor, failsFrom)
            : throw new InvalidOperationException(
                "The health checks of OneShot need its services: call builder.Services.AddOneShotRestart() beside AddHealthChecks().");
}
