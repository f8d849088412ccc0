namespace OneShot.AspNetCore.Restart;

/// <summary>
/// The steps on the way to a restart, each a share between 0 and 1 of what fills: of <see cref="ProcessArena.BlockCapacity"/> where there is an
/// arena, and of <see cref="HeapOptions.Budget"/> where there is one. The limits by which a process ends have steps of their own
/// (<see cref="MemoryLimit"/>). The process takes each step with the source that is there first.
/// They must not fall: <see cref="WarnAt"/> ≤ <see cref="DrainAt"/> ≤ <see cref="LiveAt"/>.
/// </summary>
/// <remarks>
/// <para>Readiness must trip before liveness: a failed liveness probe kills a pod that still receives traffic, because it does
/// not make the pod NotReady. The gap between <see cref="DrainAt"/> and <see cref="LiveAt"/> is the room the pod has to drain in.</para>
/// <para>All of them may change while the process runs, when the configuration they come from is reloaded.</para>
/// </remarks>
public sealed class RestartOptions
{
    /// <summary>From this utilization on, both health checks report Degraded, which still answers 200, and a warning is logged. Default 0.75.</summary>
    public double WarnAt { get; set; } = 0.75;

    /// <summary>
    /// From this utilization on, less <see cref="Jitter"/>, the process drains: the readiness check fails, so the load balancer
    /// sends no new traffic, and connections are told to close (HTTP/1.1 by <c>Connection: close</c>, HTTP/2 by GOAWAY) one after the other,
    /// all within the first half of <see cref="DrainDelay"/>. Default 0.85.
    /// </summary>
    public double DrainAt { get; set; } = 0.85;

    /// <summary>
    /// Replicas fill in step and must not drain in step: each process takes a share of 0 to this, drawn once, off its
    /// <see cref="DrainAt"/>, though never below <see cref="WarnAt"/>. From 0 to 1; default 0.10.
    /// </summary>
    public double Jitter { get; set; } = 0.10;

    /// <summary>
    /// Replicas that are filled at once cross all thresholds together: each process waits a share of 0 to this, drawn once, between being full
    /// enough to drain and draining. From 0, the default, to 1 hour. <see cref="LiveAt"/> overrules it.
    /// </summary>
    public TimeSpan JitterTime { get; set; }

    /// <summary>
    /// From this utilization on, the liveness check fails: the orchestrator restarts the process. So it does when the process
    /// has drained for <see cref="DrainDelay"/>, since without new traffic it would never fill up that far. Default 0.95. Where
    /// memory comes back (<see cref="ArenaReclamation.PerRequest"/>, <see cref="ArenaReclamation.Generational"/>) it fails for
    /// neither reason before <see cref="PeakTolerance"/>.
    /// </summary>
    public double LiveAt { get; set; } = 0.95;

    /// <summary>
    /// Whether the process stops itself when it has drained for <see cref="DrainDelay"/>, for places where nothing restarts an
    /// unhealthy process but something restarts an ended one (Compose, systemd). The liveness check stays healthy. Default false.
    /// </summary>
    public bool SelfDrain { get; set; }

    /// <summary>
    /// Whether the process, before it stops itself, starts its successor on the same listening sockets: the same program with the same arguments. The
    /// successor takes over when it is ready; then this process accepts no more, serves what it has accepted for <see cref="DrainDelay"/>, and stops, as under
    /// <see cref="SelfDrain"/>, with exit code 0. Default false. Linux only, for TCP and Unix sockets that Kestrel opens itself, on either transport; not for HTTP/3. Memory must
    /// hold two such processes at once.
    /// </summary>
    /// <remarks>Where it is switched on while the process runs, there are no sockets to hand over yet.</remarks>
    public bool Succeed { get; set; }

    /// <summary>How long a successor may take until it is ready, from 1 second to 1 hour. It is killed then, and another is tried. Default 1 minute.</summary>
    public TimeSpan SuccessorTimeout { get; set; } = TimeSpan.FromMinutes(1);

    /// <summary>
    /// How long the process drains before it is due: the time that load balancers need to notice the readiness check, from 0 to
    /// 1 hour. After it the process stops itself (<see cref="SelfDrain"/>), or else its liveness check fails. Default 10 seconds.
    /// </summary>
    public TimeSpan DrainDelay { get; set; } = TimeSpan.FromSeconds(10);

    /// <summary>
    /// Under <see cref="ArenaReclamation.PerRequest"/> and <see cref="ArenaReclamation.Generational"/> a fill is the requests that
    /// run at once, and a peak of them is over by itself: only when the process has drained for so long, from 0 to 1 hour, does
    /// its liveness check fail, or does it begin to stop itself. Something then holds memory that does not come back. Default 1 minute.
    /// </summary>
    public TimeSpan PeakTolerance { get; set; } = TimeSpan.FromMinutes(1);

    /// <summary>
    /// How long a process lives at least, from 0 to 1 hour: before, it neither drains nor is a restart due, and each process takes up
    /// to <see cref="Jitter"/> of it on top. What fills faster is filled by somebody: a restart helps him, and orchestrators
    /// answer lives that short with growing delays. The process goes on, full: by <see cref="ArenaExhaustion"/>, or with garbage
    /// collection where the heap budget is spent. It says so in the log and in its health checks, which are Degraded. Default 10
    /// minutes, after which Kubernetes takes back its delay. Where memory comes back it drains all the same, which sheds load, and
    /// only the restart waits. Under <see cref="ArenaExhaustion.FailFast"/>, where a full arena ends the process, the arena waits for nothing.
    /// </summary>
    public TimeSpan MinLife { get; set; } = TimeSpan.FromMinutes(10);

    /// <summary>
    /// The exit code (<see cref="Environment.ExitCode"/>) after a self-drain, from 0 to 255; one other than 0 where only a
    /// failed process is restarted. A <c>Main</c> that returns a number of its own overrules it. Default 0.
    /// </summary>
    public int ExitCode { get; set; }

    /// <summary>The container's memory limit and that of the GC's heap, which the process must not reach.</summary>
    public MemoryLimitOptions MemoryLimit { get; set; } = new();

    /// <summary>Nobody else need end this process.</summary>
    internal bool EndsItself => SelfDrain || Succeed;

    internal RestartThresholds Thresholds => new(WarnAt, DrainAt, LiveAt);
}
