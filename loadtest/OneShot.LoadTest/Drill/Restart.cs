namespace OneShot.LoadTest.Drill;

/// <summary>One restart of a replica.</summary>
/// <param name="Replica">From 0 on.</param>
/// <param name="At">Since the drill began.</param>
/// <param name="Life">Of the process that ended.</param>
/// <param name="ExitCode">128 + n for signal n.</param>
/// <param name="BackOff">How long the orchestrator waited before the next start.</param>
/// <param name="Phase">Where the replica was when it ended: anything but draining was not planned.</param>
/// <param name="Killed">SIGKILL, because it had not ended within the grace period.</param>
internal sealed record Restart(int Replica, TimeSpan At, TimeSpan Life, int ExitCode, TimeSpan BackOff, ReplicaPhase Phase, bool Killed);
