using System.Numerics;

namespace OneShot.Memory;

/// <summary>How a region asks the operating system for its memory.</summary>
/// <param name="HugePages">Whether to ask for huge pages.</param>
/// <param name="ExcludeFromCoreDumps">Whether core dumps are to leave the region out.</param>
/// <param name="PopulateStep">Bytes that whoever takes fresh memory faults in at once: whole pages, or 0 for none.</param>
/// <param name="PopulateAtStart">Whether all of it is faulted in when it is made, and nothing later.</param>
/// <param name="Toucher">Keeps memory ahead of the cursor faulted in; null for none.</param>
internal sealed record RegionSettings(
    bool HugePages = false, bool ExcludeFromCoreDumps = false, long PopulateStep = 0, bool PopulateAtStart = false, PreToucher? Toucher = null)
{
    /// <summary>One page at a time, as they come.</summary>
    public static RegionSettings Plain { get; } = new();

    public static RegionSettings Of(ProcessArenaOptions options)
    {
        if (options.Debug)
        {
            return new RegionSettings(options.HugePages, options.ExcludeFromCoreDumps); // pages of its own for every request
        }

        bool atStart = options.PopulateAtStart && options.Reclamation != ArenaReclamation.Generational;
        PreToucher? toucher = options.PreTouch > 0 && !atStart ? new PreToucher(options.PreTouch) : null;
        return new RegionSettings(options.HugePages, options.ExcludeFromCoreDumps, toucher is null ? StepOf(options) : 0, atStart, toucher);
    }

    /// <summary>A power of two. None for generations: they hand out blocks within a lock, which must not wait for the kernel.</summary>
    private static long StepOf(ProcessArenaOptions options)
    {
        if (!MemoryRegion.CanPopulate || options.PopulateStep == 0 || options.Reclamation == ArenaReclamation.Generational)
        {
            return 0;
        }

        nuint page = options.HugePages ? MemoryRegion.HugePage : PageSize.Bytes;
        return (long)nuint.Max(BitOperations.RoundUpToPowerOf2((nuint)options.PopulateStep), page);
    }
}
