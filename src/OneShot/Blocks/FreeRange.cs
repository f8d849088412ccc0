namespace OneShot.Blocks;

/// <summary>A stretch of memory that nobody uses.</summary>
internal unsafe struct FreeRange : IComparable<FreeRange>
{
    public byte* Start;

    public byte* Limit;

    /// <summary>Whether its whole pages were given back to the system since they were last used.</summary>
    public bool IsEmptied;

    public readonly nuint Size => (nuint)(Limit - Start);

    public readonly int CompareTo(FreeRange other) => ((nuint)Start).CompareTo((nuint)other.Start);
}
