namespace OneShot.AspNetCore.Restart;

/// <summary>How far a process is on its way to a restart. The numbers are those of the metric <c>oneshot.restart.phase</c>.</summary>
public enum RestartPhase
{
    /// <summary>There is room.</summary>
    Normal = 0,

    /// <summary>From <see cref="RestartOptions.WarnAt"/> on: both health checks report Degraded, which still answers 200.</summary>
    Warning = 1,

    /// <summary>
    /// From <see cref="RestartOptions.DrainAt"/> less its jitter on, but not before <see cref="RestartOptions.MinLife"/> where memory does
    /// not come back: the readiness check fails, HTTP/1.1 answers carry <c>Connection: close</c>, and with
    /// <see cref="RestartOptions.SelfDrain"/> the process is about to stop.
    /// </summary>
    Draining = 2,

    /// <summary>
    /// The liveness check fails too: from <see cref="RestartOptions.LiveAt"/> on, or when the process has drained for
    /// <see cref="RestartOptions.DrainDelay"/>; where memory comes back, only when it has drained for
    /// <see cref="RestartOptions.PeakTolerance"/>, and not before <see cref="RestartOptions.MinLife"/>. Not with <see cref="RestartOptions.SelfDrain"/>, which needs no orchestrator.
    /// </summary>
    Due = 3,
}
