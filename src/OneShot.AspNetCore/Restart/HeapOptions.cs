namespace OneShot.AspNetCore.Restart;

/// <summary>
/// How long the heap of the GC goes without a collection: the process enters a no-GC region when the host has started
/// (<see cref="GC.TryStartNoGCRegion(long, long)"/>), and takes the steps of <see cref="RestartOptions"/> as the budget is used up.
/// </summary>
/// <remarks>Read once, when the host starts.</remarks>
public sealed class HeapOptions
{
    /// <summary>
    /// Bytes that the process allocates on the GC's heap before it is due for a restart, none of which are collected: 0, the
    /// default, for a process that collects as ever, or from 16 MiB to 1 TiB. When they are spent before the restart, collection resumes. Large objects count too.
    /// </summary>
    public long Budget { get; set; }

    /// <summary>
    /// Bytes of memory beside <see cref="Budget"/> for objects of 85,000 bytes and more, which have a part of the heap of their own; up to
    /// <see cref="Budget"/>, or 0, the default, for an eighth of it. A process that allocates more of them collects, and begins its budget anew.
    /// What they take counts to the use of <see cref="Budget"/> all the same: the runtime tells how much was allocated, not of which kind.
    /// </summary>
    public long LargeObjects { get; set; }

    /// <summary>
    /// Whether the memory of the region is faulted in when it is entered, in huge pages where the kernel gives them: true, the default. Then no request
    /// pays for the first touch of a page, all of the budget is resident from the start, and the readiness check fails until it is: about half a
    /// second a GiB, or two. It needs Linux 5.14, and room for it: in the container below <see cref="MemoryLimitOptions.WarnAt"/>, and in the machine. Without these the budget
    /// goes on, a page at a time.
    /// </summary>
    public bool PopulateAtStart { get; set; } = true;

    /// <summary>Bytes for large objects that are asked for in fact.</summary>
    internal long EffectiveLargeObjects => LargeObjects > 0 ? LargeObjects : Budget / 8;

    /// <summary>The size of the region. The GC commits a twentieth more.</summary>
    internal long Total => Budget + EffectiveLargeObjects;

    /// <summary>How long the start may take for it: 2 s a GiB, where the hypervisor has not backed the memory yet.</summary>
    internal TimeSpan LongestPopulation => PopulateAtStart ? 2 * TimeSpan.FromSeconds((double)Total / (1 << 30)) : TimeSpan.Zero;
}
