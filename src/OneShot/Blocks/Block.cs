namespace OneShot.Blocks;

/// <summary>
/// Zeroed memory that one arena owns: a stretch of the process arena, or a pinned array of the GC when that is full.
/// </summary>
internal readonly unsafe struct Block(byte* start, nuint size, byte[]? fallback = null)
{
    public readonly byte* Start = start;

    /// <summary>Bytes from <see cref="Start"/>, a multiple of <see cref="Memory.Alignment.Block"/>.</summary>
    public readonly nuint Size = size;

    /// <summary>Keeps a fallback block alive; null for memory of the process arena.</summary>
    public readonly byte[]? Fallback = fallback;

    public byte* Limit => Start + Size;
}
