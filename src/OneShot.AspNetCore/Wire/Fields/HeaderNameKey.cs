using System.Runtime.CompilerServices;

namespace OneShot.AspNetCore.Wire;

/// <summary>
/// What a header name comes down to for comparisons: its length, its known id, and, when it has none, eight bits of a hash. Equal
/// names in any case have equal keys. One word, so that a line is passed over by one comparison.
/// </summary>
internal readonly record struct HeaderNameKey
{
    private const int KnownShift = 16;
    private const int TagShift = 24;

    private readonly uint _bits;

    private HeaderNameKey(uint bits) => _bits = bits;

    /// <summary>Of a name, at most 65,535 bytes long; 0 for no name at all.</summary>
    public int Length => (ushort)_bits;

    /// <summary>The id; <see cref="KnownHeader.Unknown"/> has a tag instead.</summary>
    public KnownHeader Known => (KnownHeader)(byte)(_bits >> KnownShift);

    /// <summary>The key of a known name.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static HeaderNameKey OfKnown(int length, uint known) => new((uint)length | (known << KnownShift));

    /// <summary>The key of another one.</summary>
    /// <param name="length">1 to 65,535.</param>
    /// <param name="hash">As <see cref="KnownHeaders.Hash"/> makes it: the bits below those that choose the slot.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static HeaderNameKey OfUnknown(int length, uint hash) => new((uint)length | (hash << KnownHeaderData.SlotBits >> TagShift << TagShift));
}
