namespace OneShot.AspNetCore.Restart;

/// <summary>
/// The steps on the way to a restart, each a share of <see cref="ProcessArena.Capacity"/> between 0 and 1.
/// They must not fall: <see cref="WarnAt"/> ≤ <see cref="DrainAt"/> ≤ <see cref="LiveAt"/>.
/// </summary>
/// <remarks>
/// Readiness must trip before liveness: a failed liveness probe kills a pod that still receives traffic, because it does not
/// make the pod NotReady. The gap between <see cref="DrainAt"/> and <see cref="LiveAt"/> is the room the pod has to drain in.
/// </remarks>
public sealed class RestartOptions
{
    /// <summary>From this utilization on, both health checks report Degraded, which still answers 200. Default 0.75.</summary>
    public double WarnAt { get; set; } = 0.75;

    /// <summary>From this utilization on, the readiness check fails: the load balancer sends no new traffic. Default 0.85.</summary>
    public double DrainAt { get; set; } = 0.85;

    /// <summary>From this utilization on, the liveness check fails: the orchestrator restarts the process. Default 0.95.</summary>
    public double LiveAt { get; set; } = 0.95;
}
