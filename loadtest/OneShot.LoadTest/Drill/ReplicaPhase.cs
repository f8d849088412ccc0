namespace OneShot.LoadTest.Drill;

/// <summary>Where a replica is in its life.</summary>
internal enum ReplicaPhase
{
    /// <summary>No process: ended, and waiting for the orchestrator to start it again.</summary>
    Down,

    /// <summary>A process that the balancer has not taken into rotation yet.</summary>
    Starting,

    /// <summary>In rotation.</summary>
    Ready,

    /// <summary>Was in rotation and is not any more, on its way to the end.</summary>
    Draining,
}
