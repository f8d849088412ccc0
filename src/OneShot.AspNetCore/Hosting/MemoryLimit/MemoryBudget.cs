using System.Globalization;

namespace OneShot.AspNetCore.Hosting.MemoryLimit;

/// <summary>
/// Whether everything that may grow fits into the container together. The arena is native memory: it counts to the container's
/// limit like the heap of the GC, but the GC, which would collect rather than outgrow the limit, does not know of it. The heap budget
/// is part of the GC's heap: it must fit into that, and leave room for what lives. No collection makes it less, so with all that grows beside it, it must also stay below where the
/// container's own source of the restart ladder begins to warn: a process that starts beyond that is restarted at once, and again.
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

    /// <summary>The smallest budget, and an eighth of it for large objects.</summary>
    private const long LeastRegion = 18 * Mebi;

    /// <summary>How many such processes there are at once in the container: two while one succeeds the other.</summary>
    public int Generations { get; init; } = 1;

    /// <summary>Of the container's limit, what may be in use that no collection gives back (docs/sizing.md): from 0 to 1.</summary>
    public double Share { get; init; } = 0.85;

    public long Needed => Needs(Math.Max(Gc.Bytes, Heap));

    public bool Fits => Needed <= Limit && Heap <= Gc.Bytes && Stays <= Below(Limit);

    /// <summary>What the GC's heap must hold: the region, of which it commits a twentieth more than was asked for, and what lives.</summary>
    private long Heap => Region > 0 ? Up(Region + (Region / 20)) + LeastHeap : 0;

    /// <summary>What is used in the end, and not given back before the restart; 0 without a region, whose heap is collected.</summary>
    private long Stays => Region > 0 ? Needs(Heap) : 0;

    /// <summary>What is wrong, with the numbers to set instead.</summary>
    public override string ToString() => $"{Fault()} Set {Remedies()}.";

    private string Fault()
    {
        if (Heap > Gc.Bytes)
        {
            return $"{LimitIs}: {WithRegion} come to {ByteSize.Format(Needed)}, and the heap limit of the GC is {ByteSize.Format(Gc.Bytes)}.";
        }

        return Needed > Limit
            ? $"{LimitIs}, but {OneShotOptions.SectionName}:Capacity ({ByteSize.Format(Capacity)}), the heap limit of the GC ({ByteSize.Format(Gc.Bytes)}) and {ByteSize.Format(Headroom)} for everything else{Twice} may come to {ByteSize.Format(Needed)}, and the kernel would kill the process."
            : string.Create(CultureInfo.InvariantCulture, $"{LimitIs}: {WithRegion} come to {ByteSize.Format(Stays)}, which no collection makes less, and from {100 * Share:0.#} % of the limit on ({ByteSize.Format(Down(Below(Limit)))}) the process may be restarted, however young it is ({OneShotOptions.SectionName}:Restart:MemoryLimit:WarnAt).");
    }

    private string LimitIs => $"The container's memory limit is {ByteSize.Format(Limit)}";

    private string WithRegion => $"{OneShotOptions.SectionName}:Capacity ({ByteSize.Format(Capacity)}), {ByteSize.Format(Headroom)} for everything else, and a heap of the GC with {OneShotOptions.SectionName}:Heap:Budget, large objects and what lives ({ByteSize.Format(Heap)}){Twice}";

    private string Twice => Generations == 1 ? "" : $", twice while a successor takes over ({OneShotOptions.SectionName}:Restart:Succeed),";

    private string Remedies()
    {
        List<string> remedies = [];
        long limit = Limit / Generations;
        long heap = Down(limit - Capacity - Headroom);
        bool stays = Stays <= Below(Limit);
        if (heap >= Math.Max(LeastHeap, Heap) && stays)
        {
            // Hexadecimal, and without 0x: a program that was compiled ahead of time takes no prefix, and says nothing.
            remedies.Add(string.Create(CultureInfo.InvariantCulture, $"DOTNET_GCHeapHardLimit={heap:X} (hexadecimal, no 0x: {ByteSize.Format(heap)})"));
        }

        if (Gc.IsFixed && Heap > Gc.Bytes)
        {
            remedies.Add(string.Create(CultureInfo.InvariantCulture, $"a memory limit of {ByteSize.Format(Holds(Needed))} and DOTNET_GCHeapHardLimit={Heap:X}"));
        }
        else if (LeastLimit() is { } least)
        {
            remedies.Add($"a memory limit of {ByteSize.Format(least)}");
        }
        else
        {
            long usual = Math.Max(Heap, UsualHeap);
            remedies.Add(string.Create(CultureInfo.InvariantCulture, $"a memory limit of {ByteSize.Format(Holds(Needs(usual)))} and DOTNET_GCHeapHardLimit={usual:X}"));
        }

        long capacity = Down(Math.Min(limit - Gc.Bytes, Region > 0 ? (Below(Limit) / Generations) - Heap : long.MaxValue) - Headroom);
        if (capacity >= Mebi && Heap <= Gc.Bytes)
        {
            remedies.Add($"{OneShotOptions.SectionName}:Capacity to {ByteSize.Format(capacity)}");
        }

        if (Heap > Gc.Bytes || !stays)
        {
            remedies.Add($"a smaller {OneShotOptions.SectionName}:Heap:Budget{LargestRegion()}");
        }

        return string.Join(", or ", remedies);
    }

    /// <summary>Nothing where no region would do.</summary>
    private string LargestRegion()
    {
        long heap = Down(Math.Min(Gc.Bytes, (Below(Limit) / Generations) - Capacity - Headroom));
        long region = Down((heap - LeastHeap) / 21 * 20);
        return region >= LeastRegion && Needs(Gc.Bytes) <= Limit ? $" ({ByteSize.Format(region)} with its large objects)" : "";
    }

    /// <summary>With a larger container, a heap limit that follows it grows as well: two of three quarters each fit into none.</summary>
    private long? LeastLimit()
    {
        if (Gc.IsFixed || Gc.Bytes >= Limit)
        {
            return Holds(Needed);
        }

        double share = (double)Gc.Bytes / Limit;
        double rest = 1 - (Generations * share);
        return rest > 0 ? Holds((long)Math.Max(Generations * (Capacity + Headroom) / rest, Heap / share)) : null;
    }

    /// <summary>What so many processes need with a heap of that size each.</summary>
    private long Needs(long heap) => Generations * (Capacity + heap + Headroom);

    /// <summary>The least limit of at least so much in which also stays what must.</summary>
    private long Holds(long bytes) => Up(Math.Max(bytes, (long)Math.Ceiling(Stays / Share)));

    private long Below(long limit) => (long)Math.Round(Share * limit);

    private static long Down(long bytes) => bytes / Mebi * Mebi;

    private static long Up(long bytes) => Down(bytes + Mebi - 1);
}
