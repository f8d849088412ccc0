using System.Globalization;

namespace OneShot.AspNetCore.Hosting.MemoryLimit;

/// <summary>
/// Whether everything that may grow fits into the container together. The arena is native memory: it counts to the container's
/// limit like the heap of the GC, but the GC, which would collect rather than outgrow the limit, does not know of it.
/// </summary>
/// <param name="Limit">The container's memory limit, in bytes.</param>
/// <param name="Capacity">That of the process arena.</param>
/// <param name="Gc">That of the GC's heap.</param>
internal readonly record struct MemoryBudget(long Limit, long Capacity, GcHeapLimit Gc)
{
    /// <summary>For the runtime itself, machine code, stacks and what native libraries take.</summary>
    public const long Headroom = 64L << 20;

    private const long Mebi = 1L << 20;
    private const long LeastHeap = 32 * Mebi;

    public long Needed => Capacity + Gc.Bytes + Headroom;

    public bool Fits => Needed <= Limit;

    /// <summary>What is wrong, with the numbers to set instead.</summary>
    public override string ToString() => string.Create(
        CultureInfo.InvariantCulture,
        $"The container's memory limit is {ByteSize.Format(Limit)}, but {OneShotOptions.SectionName}:Capacity ({ByteSize.Format(Capacity)}), the heap limit of the GC ({ByteSize.Format(Gc.Bytes)}) and {ByteSize.Format(Headroom)} for everything else may come to {ByteSize.Format(Needed)}, and the kernel would kill the process. Set {Remedies()}.");

    private string Remedies()
    {
        List<string> remedies = [];
        long heap = Down(Limit - Capacity - Headroom);
        if (heap >= LeastHeap)
        {
            // Hexadecimal, and without 0x: a program that was compiled ahead of time takes no prefix, and says nothing.
            remedies.Add(string.Create(CultureInfo.InvariantCulture, $"DOTNET_GCHeapHardLimit={heap:X} (hexadecimal, no 0x: {ByteSize.Format(heap)})"));
        }

        remedies.Add($"a memory limit of {ByteSize.Format(LeastLimit())}");
        long capacity = Down(Limit - Gc.Bytes - Headroom);
        if (capacity >= Mebi)
        {
            remedies.Add($"{OneShotOptions.SectionName}:Capacity to {ByteSize.Format(capacity)}");
        }

        return string.Join(", or ", remedies);
    }

    /// <summary>With a larger container, a heap limit that follows it grows as well.</summary>
    private long LeastLimit()
    {
        if (Gc.IsFixed || Gc.Bytes >= Limit)
        {
            return Up(Needed);
        }

        double rest = 1 - ((double)Gc.Bytes / Limit);
        return Up((long)((Capacity + Headroom) / rest));
    }

    private static long Down(long bytes) => bytes / Mebi * Mebi;

    private static long Up(long bytes) => Down(bytes + Mebi - 1);
}
