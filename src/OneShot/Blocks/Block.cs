namespace OneShot.Blocks;

/// <summary>
/// Zeroed memory that one arena owns: a stretch of the process arena, or a pinned array of the GC when that is full.
/// </summary>
internal readonly unsafe struct Block
{
    public readonly byte* Start;

    /// <summary>Bytes from <see cref="Start"/>, a multiple of <see cref="Memory.Alignment.Block"/>.</summary>
    public readonly nuint Size;

    private readonly object? _source;

    /// <summary>Memory of the process arena's one region.</summary>
    public Block(byte* start, nuint size) : this(start, size, source: null)
    {
    }

    /// <summary>Memory of a generation, which is held until the block is released.</summary>
    public Block(byte* start, nuint size, Generation generation) : this(start, size, (object)generation)
    {
    }

    /// <summary>Memory of a pinned array, which the block keeps alive.</summary>
    public Block(byte* start, nuint size, byte[] fallback) : this(start, size, (object)fallback)
    {
    }

    private Block(byte* start, nuint size, object? source)
    {
        Start = start;
        Size = size;
        _source = source;
    }

    public byte* Limit => Start + Size;

    /// <summary>Whether the block lies on the GC heap because the process arena was full.</summary>
    public bool IsFallback => _source is byte[];

    /// <summary>The generation whose memory it is; null under the other policies, and for a fallback block.</summary>
    public Generation? Generation => _source as Generation;
}
