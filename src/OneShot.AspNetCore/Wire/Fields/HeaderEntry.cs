using System.Runtime.CompilerServices;

namespace OneShot.AspNetCore.Wire;

/// <summary>One header line: where its name and its trimmed value are in the head. 16 bytes, so that four share a cache line.</summary>
internal struct HeaderEntry
{
    private const uint NonAscii = 1u << 31;

    private HeaderNameKey _key;
    private uint _valueLength;

    public int NameOffset { get; private set; }

    public int ValueOffset { get; private set; }

    public readonly int ValueLength => (int)(_valueLength & ~NonAscii);

    public readonly int NameLength => _key.Length;

    public readonly KnownHeader Known => _key.Known;

    /// <summary>The name, as look-ups compare it.</summary>
    public readonly HeaderNameKey Key => _key;

    /// <summary>Whether the value has a byte above 0x7F and so must be checked against its encoding.</summary>
    public readonly bool HasNonAscii => _valueLength >= NonAscii;

    /// <summary>
    /// Sets all fields in place. A constructor would build the entry on the stack and copy it by one wide load, which must wait for
    /// the narrow stores before it.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Set(int nameOffset, HeaderNameKey key, int valueOffset, int valueLength, bool hasNonAscii = false)
    {
        NameOffset = nameOffset;
        _key = key;
        ValueOffset = valueOffset;
        _valueLength = (uint)valueLength | (hasNonAscii ? NonAscii : 0);
    }
}
