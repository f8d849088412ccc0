using System.Runtime.InteropServices;
using OneShot.Memory;

namespace OneShot.AspNetCore.Restart;

/// <summary>
/// Faults in what the GC commits for a no-GC region. The runtime does not say where that is, so the memory of the process is listed before and
/// after: what has become writable in between is it.
/// </summary>
/// <remarks>
/// <para>What another thread maps in that moment is taken for the GC's as well, if it is large: it is faulted in, no more. Where that is much beside the region, nothing is.</para>
/// <para><see cref="BeforeCommit"/> and <see cref="AfterCommit"/> by one thread at a time; so too <see cref="Populate"/>, beside these and while the memory is in use,
/// or given back: no byte changes, and pages that are gone are an obstacle, not a fault (madvise(2), <c>MADV_POPULATE_WRITE</c>).</para>
/// </remarks>
internal sealed class HeapPages
{
    /// <summary>Smaller ones are not of the GC's regions: stacks' guards, tables, allocations of native code.</summary>
    private const nuint Least = 1 << 20;

    /// <summary>A call keeps the map of the process's memory from changing: for 30 ms and more where the hypervisor has not backed the memory. Nobody is served at the start.</summary>
    private const nuint StepAtStart = 16 << 20;

    /// <summary>While requests run, and around what the kernel refuses: a huge page.</summary>
    private const nuint Step = 2 << 20;

    /// <summary>Others fault in memory as well, replicas of this process that were started with it above all. So the room is looked at again after so many bytes.</summary>
    private const long LookEvery = 256 << 20;

    /// <summary>The GC commits a twentieth more than it is asked for, and whole regions of 4 MiB a heap, of which there may be one a processor.</summary>
    private static readonly long s_rounding = 8L * Environment.ProcessorCount << 20;

    private readonly Func<MemoryRoom> _room;
    private readonly Func<IReadOnlyList<AddressRange>?> _list;
    private readonly Func<nuint, nuint, int> _populate;
    private IReadOnlyList<AddressRange>? _before;
    private readonly Lock _lock = new();
    private Commitment? _committed; // within the lock: added to by who enters, taken by who populates
    private volatile bool _isStopped;

    /// <param name="room">What the process may yet use: beyond it, it would be restarted, or killed.</param>
    public HeapPages(Func<MemoryRoom> room)
        : this(room, MemoryRegion.CanPopulate ? WritableMemory.Read : static () => null, MemoryRegion.PopulateForeign)
    {
    }

    /// <summary>For tests: on memory, and a kernel, of their own.</summary>
    internal HeapPages(Func<MemoryRoom> room, Func<IReadOnlyList<AddressRange>?> list, Func<nuint, nuint, int> populate) =>
        (_room, _list, _populate) = (room, list, populate);

    public void BeforeCommit() => _before = _list();

    /// <param name="size">Bytes that were asked for.</param>
    public void AfterCommit(long size)
    {
        IReadOnlyList<AddressRange>? added = _before is { } before && _list() is { } after ? [.. WritableMemory.Added(before, after).Where(static range => range.Length >= Least)] : null;
        _before = null;
        lock (_lock)
        {
            // What an earlier entry has committed, and nobody has faulted in yet, is a part of this region.
            if (_committed?.Ranges is { } earlier)
            {
                added = added is null ? earlier : [.. earlier.Concat(WritableMemory.Added(earlier, added)).OrderBy(static range => range.Start)];
            }

            _committed = new Commitment(size, added);
        }
    }

    /// <summary>Ends a population that is under way, soon, and each that comes.</summary>
    public void Stop() => _isStopped = true;

    /// <inheritdoc cref="INoGCRegion.Populate"/>
    public PopulateOutcome Populate(bool isServing, Func<bool>? isWanted = null)
    {
        if (!MemoryRegion.CanPopulate)
        {
            return new(0, "this system has no call for that, as Linux has from 5.14 on");
        }

        Commitment? committed;
        lock (_lock)
        {
            (committed, _committed) = (_committed, null);
        }

        if (committed is null)
        {
            return default;
        }

        if (committed.Ranges is not { } ranges)
        {
            return new(0, "the memory of this process could not be listed (/proc/self/maps)");
        }

        long wanted = ranges.Sum(static range => (long)range.Length);
        if (wanted > committed.Size + (committed.Size / 10) + s_rounding)
        {
            return new(0, FormattableString.Invariant($"the region is of {committed.Size} bytes, and {wanted} have come to the memory of this process: not all of them are the heap's"));
        }

        PopulateOutcome outcome = PopulateAll(ranges, wanted, isServing ? Step : StepAtStart, isWanted);
        // Entered again, it finds most of it committed already.
        return outcome.Obstacle is null && !isServing && wanted < committed.Size / 2
            ? outcome with { Obstacle = FormattableString.Invariant($"the region is of {committed.Size} bytes, and only {wanted} were new to the memory of this process") }
            : outcome;
    }

    private PopulateOutcome PopulateAll(IReadOnlyList<AddressRange> ranges, long wanted, nuint step, Func<bool>? isWanted)
    {
        (long done, long refused, int error) = (0, 0, 0);
        long looked = -LookEvery;
        foreach (AddressRange range in ranges)
        {
            MemoryRegion.AdviseHugePagesForeign(range.Start, range.Length);
            nuint length;
            for (nuint at = range.Start; at < range.End; at += length)
            {
                length = nuint.Min(step - (at % step), range.End - at);
                if (_isStopped)
                {
                    return new(done, "the host stops");
                }

                if (isWanted?.Invoke() is false)
                {
                    return new(done, "nobody needs it any more");
                }

                if (done + refused - looked >= LookEvery)
                {
                    looked = done + refused;
                    if (_room() is var room && room.Bytes < wanted - looked)
                    {
                        return new(done, FormattableString.Invariant($"there is room for {room.Bytes} bytes {room.Bound}, and {wanted - looked} are wanted"));
                    }
                }

                long there = PopulateStep(at, length, ref error);
                done += there;
                refused += (long)length - there;
            }
        }

        // A page that is not there costs who touches it first what every page did.
        return new(done, refused > wanted / 100 ? FormattableString.Invariant($"the kernel refused {refused} bytes (errno {error}: {Marshal.GetPInvokeErrorMessage(error)})") : null);
    }

    /// <summary>The kernel goes up to what it cannot populate, such as what another thread has unmapped, and no further: the rest is asked for in small steps.</summary>
    /// <returns>Bytes that are there.</returns>
    private long PopulateStep(nuint start, nuint length, ref int error)
    {
        int first = _populate(start, length);
        if (first == 0)
        {
            return (long)length;
        }

        error = first;
        long done = 0;
        nuint part;
        for (nuint at = 0; length > Step && at < length; at += part)
        {
            part = nuint.Min(Step - ((start + at) % Step), length - at);
            done += _populate(start + at, part) == 0 ? (long)part : 0;
        }

        return done;
    }

    /// <summary>What one entry has committed.</summary>
    /// <param name="Size">Bytes that were asked for.</param>
    /// <param name="Ranges">Where, in order of address; null where that could not be told.</param>
    private sealed record Commitment(long Size, IReadOnlyList<AddressRange>? Ranges);
}
