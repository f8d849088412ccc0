using OneShot.Memory;

namespace OneShot.AspNetCore.Restart;

/// <summary>
/// Faults in what the GC commits for a no-GC region. The runtime does not say where that is, so the memory of the process is listed before and
/// after: what has become writable in between is it.
/// </summary>
/// <remarks>
/// <para>What another thread maps in that moment is taken for the GC's as well, if it is large: it is faulted in, no more.</para>
/// <para><see cref="BeforeCommit"/> and <see cref="AfterCommit"/> by one thread at a time; <see cref="Populate"/> by any, also while the memory is in use,
/// or given back: no byte changes, and pages that are gone are an obstacle, not a fault (madvise(2), <c>MADV_POPULATE_WRITE</c>).</para>
/// </remarks>
/// <param name="room">Bytes that the process may yet use, by its container: beyond it the kernel would kill.</param>
internal sealed class HeapPages(Func<long> room)
{
    /// <summary>Smaller ones are not of the GC's regions: stacks' guards, tables, allocations of native code.</summary>
    private const nuint Least = 1 << 20;

    /// <summary>A call keeps the map of the process's memory from changing: for a few milliseconds.</summary>
    private const nuint Step = 16 << 20;

    private IReadOnlyList<AddressRange> _before = [];
    private IReadOnlyList<AddressRange>? _committed;
    private volatile bool _isStopped;

    public void BeforeCommit() => _before = MemoryRegion.CanPopulate ? WritableMemory.Read() : [];

    public void AfterCommit()
    {
        IReadOnlyList<AddressRange> after = MemoryRegion.CanPopulate ? WritableMemory.Read() : [];
        Volatile.Write(ref _committed, WritableMemory.Added(_before, after));
        _before = [];
    }

    /// <summary>Ends a population that is under way, soon, and each that comes.</summary>
    public void Stop() => _isStopped = true;

    /// <inheritdoc cref="INoGCRegion.Populate"/>
    public PopulateOutcome Populate()
    {
        if (!MemoryRegion.CanPopulate)
        {
            return new(0, "this system has no call for that, as Linux has from 5.14 on");
        }

        IReadOnlyList<AddressRange> ranges = [.. (Volatile.Read(ref _committed) ?? []).Where(static range => range.Length >= Least)];
        long wanted = ranges.Sum(static range => (long)range.Length);
        if (room() is var left && left < wanted)
        {
            return new(0, FormattableString.Invariant($"the container has room for {left} of {wanted} bytes"));
        }

        long done = 0;
        foreach (AddressRange range in ranges)
        {
            for (nuint at = range.Start; at < range.End; at += Step)
            {
                nuint length = nuint.Min(Step, range.End - at);
                if (_isStopped)
                {
                    return new(done, "the host stops");
                }

                if (!MemoryRegion.TryPopulateForeign(at, length))
                {
                    return new(done, "the kernel refused");
                }

                done += (long)length;
            }
        }

        return new(done, null);
    }
}
