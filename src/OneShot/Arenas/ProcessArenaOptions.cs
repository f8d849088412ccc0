using System.Globalization;
using OneShot.Memory;

namespace OneShot;

/// <summary>How a <see cref="ProcessArena"/> is built. Every default suits a first try.</summary>
public sealed class ProcessArenaOptions
{
    internal const int SmallestBlock = 1024;
    internal const int LargestBlock = 256 << 20;
    internal const int BlockMultiple = Alignment.Block;
    internal const long LargestCapacity = 1L << 44;
    internal const long LargestPreTouch = 1L << 30;
    internal const int LargestPopulateStep = 2 << 20; // as much as is committed at a time

    /// <summary>The hard cap in bytes, from <see cref="BlockSize"/> to 16 TiB; 64 MiB by default. Address space is reserved for all of it, memory is committed as it is used.</summary>
    public long Capacity { get; set; } = 64L << 20;

    /// <summary>Bytes an <see cref="Arena"/> takes at a time: a multiple of 64 from 1 KiB to 256 MiB; 16 KiB by default.</summary>
    public int BlockSize { get; set; } = 16 << 10;

    /// <summary>What happens to memory when a request ends; <see cref="ArenaReclamation.Never"/> by default.</summary>
    public ArenaReclamation Reclamation { get; set; }

    /// <summary>
    /// Bytes of a generation under <see cref="ArenaReclamation.Generational"/>: from one block to half the capacity, or 0,
    /// the default, for a sixteenth of the capacity, at least four blocks. The cap is on all generations that are in use together.
    /// </summary>
    public long GenerationSize { get; set; }

    /// <summary>What happens when the arena is full; <see cref="ArenaExhaustion.Fallback"/> by default.</summary>
    public ArenaExhaustion Exhaustion { get; set; }

    /// <summary>
    /// Whether to ask for transparent huge pages (Linux, <c>MADV_HUGEPAGE</c>): fewer page faults and TLB misses for a
    /// large arena, memory committed and faulted in 2 MiB at a time. Advice, which a kernel may not take: see <see cref="ArenaStatistics.HugePages"/>.
    /// </summary>
    public bool HugePages { get; set; }

    /// <summary>
    /// How many bytes whoever takes fresh memory has the kernel fault in at once (Linux 5.14 and later, <c>MADV_POPULATE_WRITE</c>): one system
    /// call instead of a page fault for every 4 KiB. Up to 2 MiB; 256 KiB by default; 0 for none. Rounded up to a power of two, and to a page of 2 MiB with
    /// <see cref="HugePages"/>. Not under <see cref="ArenaReclamation.Generational"/>. Up to so much memory is resident before it is used. Without effect beside <see cref="PreTouch"/>.
    /// </summary>
    public int PopulateStep { get; set; } = 256 << 10;

    /// <summary>
    /// Whether the constructor faults in all of <see cref="Capacity"/>, so that no request pays for a page fault and no thread is needed for that.
    /// Off by default. It is resident from then on; with <see cref="HugePages"/> it takes 0.06 s per GiB, and on a virtual machine up to 2 s where
    /// the hypervisor must back the memory first; without, several times as long. Not under <see cref="ArenaReclamation.Generational"/>,
    /// where memory goes back to the system, nor with <see cref="Debug"/>. Where the system refuses, memory comes as it is used.
    /// </summary>
    public bool PopulateAtStart { get; set; }

    /// <summary>
    /// How many bytes ahead of the cursor a background thread keeps faulted in, so that no request pays for a page fault;
    /// 0, the default, for none. Up to 1 GiB. It costs that much memory, and a thread that sleeps but for every 2 MiB.
    /// </summary>
    public long PreTouch { get; set; }

    /// <summary>
    /// Whether core dumps leave the memory out (Linux, <c>MADV_DONTDUMP</c>), so that they hold no bearer token; on by default.
    /// Turn it off to look at requests in a dump.
    /// </summary>
    public bool ExcludeFromCoreDumps { get; set; } = true;

    /// <summary>
    /// For finding a bug, not for production: every request gets pages of its own, which become inaccessible at its end, so
    /// that a stale span faults instead of lying; canaries behind allocations are checked at <see cref="Arena.Reset"/>; two
    /// threads inside one arena are told apart. A switch at run time: every allocation becomes a slow one, pre-touching is off.
    /// </summary>
    public bool Debug { get; set; }

    /// <summary>With <see cref="Debug"/>: an inaccessible page right behind every allocation, whose alignment is then only its type's.</summary>
    internal bool GuardPages { get; set; }

    internal long EffectiveGenerationSize => GenerationSize == 0
        ? Math.Min(Math.Max(Capacity / 16, 4L * BlockSize), Capacity / 2) / BlockSize * BlockSize
        : GenerationSize / Alignment.Block * Alignment.Block;

    // The ranges: whoever words a message of its own asks these.
    internal bool IsBlockSizeValid => BlockSize is >= SmallestBlock and <= LargestBlock && BlockSize % BlockMultiple == 0;

    /// <summary>With a valid <see cref="BlockSize"/>.</summary>
    internal bool IsCapacityValid => Capacity >= BlockSize && Capacity <= LargestCapacity;

    /// <summary>With a valid <see cref="BlockSize"/> and <see cref="Capacity"/>.</summary>
    internal bool IsGenerationSizeValid =>
        Reclamation != ArenaReclamation.Generational || (EffectiveGenerationSize >= BlockSize && EffectiveGenerationSize <= Capacity / 2);

    internal bool IsPreTouchValid => PreTouch is >= 0 and <= LargestPreTouch;

    internal bool IsPopulateStepValid => PopulateStep is >= 0 and <= LargestPopulateStep;

    /// <exception cref="ArgumentOutOfRangeException">An option is out of its range; the message says what to write instead.</exception>
    internal void Validate()
    {
        if (!IsBlockSizeValid)
        {
            throw new ArgumentOutOfRangeException(
                nameof(BlockSize),
                BlockSize,
                string.Create(CultureInfo.InvariantCulture, $"BlockSize must be a multiple of {BlockMultiple} from {SmallestBlock} to {LargestBlock} bytes; 16384 suits most services."));
        }

        if (!IsCapacityValid)
        {
            throw new ArgumentOutOfRangeException(
                nameof(Capacity),
                Capacity,
                string.Create(CultureInfo.InvariantCulture, $"Capacity must lie between one block ({BlockSize} bytes) and {LargestCapacity} bytes; 67108864 (64 MiB) is the default."));
        }

        if (!IsGenerationSizeValid)
        {
            throw new ArgumentOutOfRangeException(
                nameof(GenerationSize),
                GenerationSize,
                string.Create(CultureInfo.InvariantCulture, $"GenerationSize must lie between one block ({BlockSize} bytes) and half the capacity ({Capacity / 2} bytes), or be 0 for a sixteenth of it."));
        }

        if (!IsPreTouchValid)
        {
            throw new ArgumentOutOfRangeException(
                nameof(PreTouch),
                PreTouch,
                string.Create(CultureInfo.InvariantCulture, $"PreTouch must lie between 0 (off) and {LargestPreTouch} bytes; 4194304 keeps up with most services."));
        }

        if (!IsPopulateStepValid)
        {
            throw new ArgumentOutOfRangeException(
                nameof(PopulateStep),
                PopulateStep,
                string.Create(CultureInfo.InvariantCulture, $"PopulateStep must lie between 0 (off) and {LargestPopulateStep} bytes; 262144 is the default."));
        }

        if (!Enum.IsDefined(Reclamation))
        {
            throw new ArgumentOutOfRangeException(nameof(Reclamation), Reclamation, $"Reclamation must be one of {string.Join(", ", Enum.GetNames<ArenaReclamation>())}.");
        }

        if (!Enum.IsDefined(Exhaustion))
        {
            throw new ArgumentOutOfRangeException(nameof(Exhaustion), Exhaustion, "Exhaustion must be Fallback, Reject, Throw or FailFast.");
        }
    }
}
