using System.Runtime.InteropServices;

namespace OneShot.Memory;

/// <summary>
/// A stretch of address space reserved in one piece. Nothing in it can be touched until it is committed;
/// committed memory is zero, and so is memory that is committed again after <see cref="Decommit"/>.
/// </summary>
/// <remarks>
/// There is no finalizer on purpose: spans over the region do not keep it alive, so unmapping it behind their back
/// would turn a forgotten <see cref="Dispose"/> into a crash. Undisposed, it stays mapped until the process ends.
/// </remarks>
internal sealed unsafe partial class MemoryRegion : IDisposable
{
    /// <summary>Bytes that the kernel can back with one huge page on x64 and arm64 with 4 KiB pages.</summary>
    public const nuint HugePage = 2 << 20;

    private readonly bool _excludeFromCoreDumps;
    private readonly byte* _base;

    // Any thread: whoever changes pages is an owner meanwhile, and the last one unmaps. So no call ever meets pages that are somebody else's by now.
    private OwnerCount _owners = new();

    private MemoryRegion(byte* @base, nuint size, bool hugePages, bool excludeFromCoreDumps)
    {
        _base = @base;
        Size = size;
        HugePages = hugePages && Unix.AdviseHugePages(@base, size);
        _excludeFromCoreDumps = excludeFromCoreDumps && OperatingSystem.IsLinux();
        if (_excludeFromCoreDumps)
        {
            Unix.ExcludeFromCoreDumps(@base, size);
        }
    }

    /// <summary>Whether <see cref="TryPopulate"/> does anything.</summary>
    public static bool CanPopulate { get; } = OperatingSystem.IsLinux() && Unix.KnowsPopulate();

    public byte* Base => _base;

    /// <summary>Bytes reserved, a multiple of the page size.</summary>
    public nuint Size { get; }

    /// <summary>Whether the kernel took the advice to back the region with huge pages.</summary>
    public bool HugePages { get; }

    /// <summary>Reserves at least <paramref name="size"/> bytes.</summary>
    /// <param name="size">Bytes; rounded up to whole pages.</param>
    /// <param name="hugePages">Whether to ask for transparent huge pages. Only advice: a kernel without them changes nothing.</param>
    /// <param name="excludeFromCoreDumps">Whether core dumps are to leave the region out (Linux).</param>
    /// <exception cref="MemoryRegionException">The operating system refused.</exception>
    public static MemoryRegion Reserve(nuint size, bool hugePages = false, bool excludeFromCoreDumps = false)
    {
        if (size == 0)
        {
            return new MemoryRegion(null, 0, hugePages: false, excludeFromCoreDumps: false);
        }

        hugePages &= OperatingSystem.IsLinux();
        nuint rounded = Alignment.Up(size, PageSize.Bytes);
        byte* start = FaultInjection.Refuses ? null
            : OperatingSystem.IsWindows() ? Windows.Reserve(rounded)
            : hugePages ? Unix.ReserveAligned(rounded, HugePage)
            : Unix.Reserve(rounded);
        if (start is null)
        {
            throw MemoryRegionException.FromLastError("reserve", rounded);
        }

        return new MemoryRegion(start, rounded, hugePages, excludeFromCoreDumps);
    }

    /// <summary>Makes whole pages readable and writable. Committing what is committed already changes nothing.</summary>
    /// <exception cref="MemoryRegionException">The operating system refused.</exception>
    public void Commit(nuint offset, nuint length)
    {
        using Use use = UsePages(offset, length);
        byte* start = use.Start;
        if (FaultInjection.Refuses || !(OperatingSystem.IsWindows() ? Windows.Commit(start, length) : Unix.Commit(start, length)))
        {
            throw MemoryRegionException.FromLastError("commit", length);
        }
    }

    /// <summary>Gives the physical memory of whole pages back to the system and makes touching them a fault.</summary>
    /// <exception cref="MemoryRegionException">The operating system refused.</exception>
    public void Decommit(nuint offset, nuint length)
    {
        using Use use = UsePages(offset, length);
        byte* start = use.Start;
        if (FaultInjection.Refuses || !(OperatingSystem.IsWindows() ? Windows.Decommit(start, length) : Unix.Decommit(start, length)))
        {
            throw MemoryRegionException.FromLastError("decommit", length);
        }
    }

    /// <summary>Gives the physical memory of whole pages back to the system; they can be read, as zeros, and writing to them is a fault.</summary>
    /// <returns>False if the operating system refused: then they may be as they were.</returns>
    public bool TryEmpty(nuint offset, nuint length)
    {
        using Use use = UsePages(offset, length);
        byte* start = use.Start;
        if (FaultInjection.Refuses)
        {
            return false;
        }

        if (OperatingSystem.IsWindows())
        {
            return Windows.Empty(start, length);
        }

        bool isEmpty = Unix.Empty(start, length, out bool isNew);
        if (isNew && HugePages)
        {
            Unix.AdviseHugePages(start, length);
        }

        if (isNew && _excludeFromCoreDumps)
        {
            Unix.ExcludeFromCoreDumps(start, length);
        }

        return isEmpty;
    }

    /// <summary>Gives the physical memory of committed whole pages back to the system; they stay committed and are zero when touched again.</summary>
    /// <exception cref="MemoryRegionException">The operating system refused.</exception>
    public void Discard(nuint offset, nuint length)
    {
        using Use use = UsePages(offset, length);
        byte* start = use.Start;
        if (FaultInjection.Refuses || !(OperatingSystem.IsWindows() ? Windows.Discard(start, length) : Unix.Discard(start, length)))
        {
            throw MemoryRegionException.FromLastError("discard", length);
        }
    }

    /// <summary>
    /// Faults committed whole pages in, so that nobody who touches them later pays for it. Safe beside threads that use
    /// them already: no byte changes.
    /// </summary>
    public void Populate(nuint offset, nuint length)
    {
        if (TryPopulate(offset, length))
        {
            return;
        }

        using Use use = UsePages(offset, length);
        byte* start = use.Start;
        for (byte* page = start; page < start + length; page += PageSize.Bytes)
        {
            // A plain read would only map the shared zero page, and a plain write could undo somebody else's.
            Interlocked.Or(ref *(int*)page, 0);
        }
    }

    /// <summary>
    /// Faults committed whole pages in by one system call, where there is one for that (Linux 5.14, <c>MADV_POPULATE_WRITE</c>); elsewhere,
    /// or where the system refuses, it does nothing. Safe beside threads that use them already, and on pages that are gone meanwhile.
    /// </summary>
    /// <returns>Whether all of them are there.</returns>
    public bool TryPopulate(nuint offset, nuint length)
    {
        if (!CanPopulate || !_owners.TryAdd())
        {
            return false;
        }

        using Use use = new(this, _base + offset);
        return Unix.Populate(use.Start, length);
    }

    /// <summary>
    /// As <see cref="TryPopulate"/>, for memory that somebody else has mapped. Safe beside threads that use it, and where it is unmapped or protected meanwhile.
    /// </summary>
    /// <param name="start">The first of whole pages.</param>
    /// <param name="length">Bytes.</param>
    /// <returns>0 when all of them are there, else what errno says.</returns>
    public static int PopulateForeign(nuint start, nuint length) => Unix.Populate((byte*)start, length) ? 0 : Marshal.GetLastPInvokeError();

    /// <summary>
    /// Advice to take huge pages, for memory that somebody else has mapped, and for all of it at once: a huge page must lie within what was advised. What is not mapped is passed over.
    /// </summary>
    /// <param name="start">The first of whole pages.</param>
    /// <param name="length">Bytes.</param>
    public static void AdviseHugePagesForeign(nuint start, nuint length) => Unix.AdviseHugePages((byte*)start, length);

    /// <summary>Unmaps the region. The caller guarantees that nothing touches it any more.</summary>
    public void Dispose()
    {
        if (_owners.Close())
        {
            RemoveOwner();
        }
    }

    /// <summary>Keeps the region mapped while its pages are changed. Checked in every build: these calls take memory away from whoever has it.</summary>
    /// <exception cref="ObjectDisposedException">The region was disposed.</exception>
    /// <exception cref="ArgumentOutOfRangeException">They are no whole pages of this region.</exception>
    private Use UsePages(nuint offset, nuint length)
    {
        if (offset % PageSize.Bytes != 0 || length % PageSize.Bytes != 0 || offset > Size || length > Size - offset)
        {
            throw new ArgumentOutOfRangeException(nameof(offset), offset, "Only whole pages of this region change state.");
        }

        ObjectDisposedException.ThrowIf(_base is null || !_owners.TryAdd(), this);
        return new Use(this, _base + offset);
    }

    private void RemoveOwner()
    {
        if (_owners.Remove() && _base is not null)
        {
            _ = OperatingSystem.IsWindows() ? Windows.Release(_base) : Unix.Release(_base, Size);
        }
    }

    private readonly ref struct Use(MemoryRegion region, byte* start)
    {
        public byte* Start => start;

        public void Dispose() => region.RemoveOwner();
    }
}
