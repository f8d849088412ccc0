using System.Globalization;

namespace OneShot.AspNetCore.Hosting.MemoryLimit;

/// <summary>
/// Whether everything that may grow fits into the container together. The arena is native memory: it counts to the container's
/// limit like the heap of the GC, but the GC, which would collect rather than outgrow the limit, does not know of it. The heap budget
/// is part of the GC's heap: it must fit into that, and leave room for what lives.
/// </summary>
/// <param name="Limit">The container's memory limit, in bytes.</param>
/// <param name="Capacity">That of the process arena.</param>
/// <param name="Gc">That of the GC's heap.</param>
/// <param name="Region">The heap budget, with its share of large objects; 0 for none.</param>
internal readonly record struct MemoryBudget(long Limit, long Capacity, GcHeapLimit Gc, long Region = 0)
{
    /// <summary>For the runtime itself, machine code, stacks and what native libraries take.</summary>
    public const long Headroom = 64L << 20;

    private const long Mebi = 1L << 20;
    private const long LeastHeap = 32 * Mebi;

    public long Needed => Capacity + Math.Max(Gc.Bytes, Heap) + Headroom;

    public bool Fits => Needed <= Limit && Heap <= Gc.Bytes;

    /// <summary>What the GC's heap must hold: the region, of which it commits a twentieth more than was asked for, and what lives.</summary>
    private long Heap => Region > 0 ? Up(Region + (Region / 20)) + LeastHeap : 0;

    /// <summary>What is wrong, with the numbers to set instead.</summary>
    public override string ToString() => $"{Fault()} Set {Remedies()}.";

    private string Fault() => Heap <= Gc.Bytes
        ? $"The container's memory limit is {ByteSize.Format(Limit)}, but {OneShotOptions.SectionName}:Capacity ({ByteSize.Format(Capacity)}), the heap limit of the GC ({ByteSize.Format(Gc.Bytes)}) and {ByteSize.Format(Headroom)} for everything else may come to {ByteSize.Format(Needed)}, and the kernel would kill the process."
        : $"The container's memory limit is {ByteSize.Format(Limit)}: {OneShotOptions.SectionName}:Capacity ({ByteSize.Format(Capacity)}), {ByteSize.Format(Headroom)} for everything else, and a heap of the GC with {OneShotOptions.SectionName}:Heap:Budget, large objects and what lives ({ByteSize.Format(Heap)}) come to {ByteSize.Format(Needed)}, and the heap limit of the GC is {ByteSize.Format(Gc.Bytes)}.";

    private string Remedies()
    {
        List<string> remedies = [];
        long heap = Down(Limit - Capacity - Headroom);
        if (heap >= Math.Max(LeastHeap, Heap))
        {
            // Hexadecimal, and without 0x: a program that was compiled ahead of time takes no prefix, and says nothing.
            remedies.Add(string.Create(CultureInfo.InvariantCulture, $"DOTNET_GCHeapHardLimit={heap:X} (hexadecimal, no 0x: {ByteSize.Format(heap)})"));
        }

        remedies.Add(Gc.IsFixed && Heap > Gc.Bytes
            ? string.Create(CultureInfo.InvariantCulture, $"a memory limit of {ByteSize.Format(Up(Needed))} and DOTNET_GCHeapHardLimit={Heap:X}")
            : $"a memory limit of {ByteSize.Format(LeastLimit())}");
        long capacity = Down(Limit - Gc.Bytes - Headroom);
        if (capacity >= Mebi && Heap <= Gc.Bytes)
        {
            remedies.Add($"{OneShotOptions.SectionName}:Capacity to {ByteSize.Format(capacity)}");
        }

        if (Heap > Gc.Bytes)
        {
            remedies.Add($"a smaller {OneShotOptions.SectionName}:Heap:Budget");
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

        double share = (double)Gc.Bytes / Limit;
        return Up((long)Math.Max((Capacity + Headroom) / (1 - share), Heap / share));
    }

    private static long Down(long bytes) => bytes / Mebi * Mebi;

    private static long Up(long bytes) => Down(bytes + Mebi - 1);
}
