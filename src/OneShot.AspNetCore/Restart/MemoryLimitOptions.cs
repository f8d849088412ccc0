namespace OneShot.AspNetCore.Restart;

/// <summary>
/// The two limits that end a process when they are reached, as sources of the ladder: the container's memory limit, where the kernel
/// kills it, and the limit of the GC's heap, where an <see cref="OutOfMemoryException"/> does. A restart comes before.
/// </summary>
/// <remarks>
/// <para>Counted is what nothing but a restart gives back. Of the container's memory, page cache is left out, which the kernel drops before it
/// kills. And when a threshold is reached, the process collects once, fully: what is over the threshold after that is alive. So a
/// service whose heap is full of garbage, or whose container is full of file pages, is not restarted for it.</para>
/// <para>Their thresholds are their own, and nearer to the limit than those of <see cref="RestartOptions"/>: a heap that lives may rightly take
/// most of its container. They must not fall: <see cref="WarnAt"/> ≤ <see cref="DrainAt"/> ≤ <see cref="LiveAt"/>.</para>
/// <para>Whether to watch is read once, when the host starts; the thresholds again whenever the configuration is reloaded.</para>
/// </remarks>
public sealed class MemoryLimitOptions
{
    /// <summary>Whether the container's memory (cgroup v1 or v2) is a source; where there is no limit, there is none. Default true.</summary>
    public bool Container { get; set; } = true;

    /// <summary>
    /// Whether the heap of the GC is a source. It has a limit where one is set (<c>DOTNET_GCHeapHardLimit</c>) or the container has one, of which
    /// it takes three quarters; elsewhere it is none. Default true.
    /// </summary>
    public bool GcHeap { get; set; } = true;

    /// <summary>From this share of the limit on, both health checks report Degraded and a warning is logged. Default 0.85.</summary>
    public double WarnAt { get; set; } = 0.85;

    /// <summary>
    /// From this share on, less <see cref="RestartOptions.Jitter"/> but never below <see cref="WarnAt"/>, the process drains, however young it is:
    /// <see cref="RestartOptions.MinLife"/> does not hold it, since its other end loses requests. Default 0.92.
    /// </summary>
    public double DrainAt { get; set; } = 0.92;

    /// <summary>From this share on, a restart is due at once. Default 0.97.</summary>
    public double LiveAt { get; set; } = 0.97;

    /// <summary>The share of the container's limit from which on this library may restart a process; 1 where it does not watch that limit.</summary>
    internal double RestartsFrom => Container ? WarnAt : 1;

    internal RestartThresholds Thresholds => new(WarnAt, DrainAt, LiveAt);
}
