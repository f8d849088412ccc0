namespace OneShot;

/// <summary>
/// What a <see cref="ProcessArena"/> has done since it was created. Counted where blocks change hands, never on the path
/// of an allocation; read without stopping anybody, so the numbers are of about the same moment.
/// </summary>
public readonly record struct ArenaStatistics
{
    /// <summary>The hard cap, in bytes.</summary>
    public long Capacity { get; init; }

    /// <summary>Bytes in use: see <see cref="ProcessArena.Used"/>.</summary>
    public long Used { get; init; }

    /// <summary>Bytes that the operating system was asked to back, a multiple of the page size.</summary>
    public long Committed { get; init; }

    /// <summary>Arenas that are not disposed.</summary>
    public int Arenas { get; init; }

    /// <summary>Blocks that arenas took from the region.</summary>
    public long BlocksTaken { get; init; }

    /// <summary>Blocks that arenas took after another request, cleared (<see cref="ArenaReclamation.PerRequest"/>).</summary>
    public long BlocksReused { get; init; }

    /// <summary>Blocks taken from the GC heap because the arena was full.</summary>
    public long FallbackBlocks { get; init; }

    /// <summary>Those of them that were for one allocation larger than a block, for which there may have been room in pieces.</summary>
    public long LargeFallbackBlocks { get; init; }

    /// <summary>Bytes of <see cref="FallbackBlocks"/>.</summary>
    public long FallbackBytes { get; init; }

    /// <summary>Requests for memory that were refused with an exception.</summary>
    public long Refusals { get; init; }

    /// <summary>
    /// How often a <see cref="Memory{T}"/> was used when its request was over, or its mark rewound: a bug in the application,
    /// which <see cref="ProcessArenaOptions.Debug"/> finds.
    /// </summary>
    public long StaleUses { get; init; }

    /// <summary>Bytes of blocks whose request is over and which pending I/O still has pinned.</summary>
    public long DetainedBytes { get; init; }

    /// <summary>Generations that were opened (<see cref="ArenaReclamation.Generational"/>).</summary>
    public long GenerationsOpened { get; init; }

    /// <summary>Generations whose memory went back to the operating system.</summary>
    public long GenerationsRetired { get; init; }

    /// <summary>Bytes of such generations that the operating system did not take back (locked memory). They are the first to be used again.</summary>
    public long LockedBytes { get; init; }

    /// <summary>Whether the kernel took the advice to use huge pages.</summary>
    public bool HugePages { get; init; }
}
