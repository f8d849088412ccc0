namespace OneShot.LoadTest.Drill;

/// <summary>Who restarts a replica.</summary>
internal enum DrillMode
{
    /// <summary>kubelet: probes, SIGTERM when liveness fails, back-off.</summary>
    Kubernetes,

    /// <summary>The replica itself, by ending (self-drain); Docker starts again what has ended.</summary>
    Compose,
}
