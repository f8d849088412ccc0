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
    private const long UsualHeap = 128 * Mebi;

    /// <summary>How many such processes there are at once in the container: two while one succeeds the other.</summary>
    public int Generations { get; init; } = 1;

    public long Needed => Generations * (Capacity + Math.Max(Gc.Bytes, Heap) + Headroom);

    public bool Fits => Needed <= Limit && Heap <= Gc.Bytes;

    /// <summary>What the GC's heap must hold: the region, of which it commits a twentieth more than was asked for, and what lives.</summary>
    private long Heap => Region > 0 ? Up(Region + (Region / 20)) + LeastHeap : 0;

    /// <summary>What is wrong, with the numbers to set instead.</summary>
    public override string ToString() => $"{Fault()} Set {Remedies()}.";

    private string Fault() => Heap <= Gc.Bytes
        ? $"The container's memory limit is {ByteSize.Format(Limit)}, but {OneShotOptions.SectionName}:Capacity ({ByteSize.Format(Capacity)}), the heap limit of the GC ({ByteSize.Format(Gc.Bytes)}) and {ByteSize.Format(Headroom)} for everything else{Twice} may come to {ByteSize.Format(Needed)}, and the kernel would kill the process."
        : $"The container's memory limit is {ByteSize.Format(Limit)}: {OneShotOptions.SectionName}:Capacity ({ByteSize.Format(Capacity)}), {ByteSize.Format(Headroom)} for everything else, and a heap of the GC with {OneShotOptions.SectionName}:Heap:Budget, large objects and what lives ({ByteSize.Format(Heap)}){Twice} come to {ByteSize.Format(Needed)}, and the heap limit of the GC is {ByteSize.Format(Gc.Bytes)}.";

    private string Twice => Generations == 1 ? "" : $", twice while a successor takes over ({OneShotOptions.SectionName}:Restart:Succeed),";

    private string Remedies()
    {
        List<string> remedies = [];
        long limit = Limit / Generations;
        long heap = Down(limit - Capacity - Headroom);
        if (heap >= Math.Max(LeastHeap, Heap))
        {
            // Hexadecimal, and without 0x: a program that was compiled ahead of time takes no prefix, and says nothing.
            remedies.Add(string.Create(CultureInfo.InvariantCulture, $"DOTNET_GCHeapHardLimit={heap:X} (hexadecimal, no 0x: {ByteSize.Format(heap)})"));
        }

        if (Gc.IsFixed && Heap > Gc.Bytes)
        {
            remedies.Add(string.Create(CultureInfo.InvariantCulture, $"a memory limit of {ByteSize.Format(Up(Needed))} and DOTNET_GCHeapHardLimit={Heap:X}"));
        }
        else if (LeastLimit() is { } least)
        {
            remedies.Add($"a memory limit of {ByteSize.Format(least)}");
        }
        else
        {
            long usual = Math.Max(Heap, UsualHeap);
            remedies.Add(string.Create(
                CultureInfo.InvariantCulture, $"a memory limit of {ByteSize.Format(Up(Generations * (Capacity + usual + Headroom)))} and DOTNET_GCHeapHardLimit={usual:X}"));
        }

        long capacity = Down(limit - Gc.Bytes - Headroom);
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

    /// <summary>With a larger container, a heap limit that follows it grows as well: two of three quarters each fit into none.</summary>
    private long? LeastLimit()
    {
        if (Gc.IsFixed || Gc.Bytes >= Limit)
        {
            return Up(Needed);
        }

        double share = (double)Gc.Bytes / Limit;
        double rest = 1 - (Generations * share);
        return rest > 0 ? Up((long)Math.Max(Generations * (Capacity + Headroom) / rest, Heap / share)) : null;
    }

    private static long Down(long bytes) => bytes / Mebi * Mebi;

    private static long Up(long bytes) => Down(bytes + Mebi - 1);
}
