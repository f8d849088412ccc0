namespace OneShot.LoadTest.Drill.Supervision;

/// <summary>What a supervisor does to a container. A probe that is null is not made.</summary>
/// <param name="Startup">Until it has succeeded once, liveness is not asked for.</param>
/// <param name="Liveness">When it fails, the container is stopped.</param>
/// <param name="Grace">From SIGTERM to SIGKILL.</param>
/// <param name="Delay">Made for each container: how long until it is started again.</param>
internal sealed record SupervisionRules(ProbeRule? Startup, ProbeRule? Liveness, TimeSpan Grace, Func<IRestartDelay> Delay)
{
    /// <summary>
    /// kubelet with the probes of the manifests in <c>deploy/kubernetes</c>. Readiness is not here: it moves traffic, which the
    /// balancer does in a drill. Start-up and grace are the process's own time, and not scaled.
    /// </summary>
    public static SupervisionRules Kubernetes(TimeScale scale) => new(
        new ProbeRule("/livez", TimeSpan.FromMilliseconds(200), ProbeTimeout(scale), 150),
        new ProbeRule("/livez", scale.Of(TimeSpan.FromSeconds(10), s_finest), ProbeTimeout(scale), 3),
        TimeSpan.FromSeconds(30),
        () => new CrashLoopBackOff(scale));

    /// <summary>Docker restarts what ends, and looks at nothing else: an unhealthy container stays as it is.</summary>
    public static SupervisionRules Compose { get; } = new(null, null, TimeSpan.FromSeconds(10), () => new DockerRestartDelay());

    private static readonly TimeSpan s_finest = TimeSpan.FromMilliseconds(50);

    // A shared machine may take longer than a scaled second to give a process its turn.
    private static TimeSpan ProbeTimeout(TimeScale scale) => scale.Of(TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(1));
}
