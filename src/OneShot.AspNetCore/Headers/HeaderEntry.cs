namespace OneShot.AspNetCore.Headers;

/// <summary>One header line: where its name and its trimmed value are in the head. 16 bytes, so that four share a cache line.</summary>
internal struct HeaderEntry
{
    private const int KnownShift = 16;
    private const int NonAsciiShift = 24;

    // Length, id and flag in one word: it is written by one store and compared by one load.
    private uint _name;

    public int NameOffset { get; private set; }

    public int ValueOffset { get; private set; }

    public int ValueLength { get; private set; }

    public readonly int NameLength => (ushort)_name;

    public readonly KnownHeader Known => (KnownHeader)(byte)(_name >> KnownShift);

    /// <summary>Whether the value has a byte above 0x7F and so must be checked against its encoding.</summary>
    public readonly bool HasNonAscii => _name >> NonAsciiShift != 0;

    /// <summary>Whether the name is no known one and has that length.</summary>
    public readonly bool IsUnknownOfLength(int nameLength) => (_name & ((1u << NonAsciiShift) - 1)) == (uint)nameLength;

    /// <summary>
    /// Sets all fields in place. A constructor would build the entry on the stack and copy it by one wide load, which must wait for
    /// the narrow stores before it.
    /// </summary>
    public void Set(int nameOffset, int nameLength, KnownHeader known, int valueOffset, int valueLength, bool hasNonAscii = false)
    {
        NameOffset = nameOffset;
        _name = (uint)nameLength | ((uint)known << KnownShift) | (hasNonAscii ? 1u << NonAsciiShift : 0);
        ValueOffset = valueOffset;
        ValueLength = valueLength;
    }
}
