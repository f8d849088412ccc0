using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace OneShot.AspNetCore.Wire;

/// <summary>Names to <see cref="KnownHeader"/> and back. Names are case-insensitive (RFC 9110 5.1).</summary>
internal static class KnownHeaders
{
    /// <summary>No name is longer, in bytes: with its colon and a space it fits a row of <see cref="KnownHeaderData.Rows"/>.</summary>
    public const int MaxLength = KnownHeaderData.RowSize - ColonAndSpace;

    private const int ColonAndSpace = 2;

    private const uint Colon = (uint)':' << 24;

    /// <summary>The name in its usual spelling; empty for <see cref="KnownHeader.Unknown"/>.</summary>
    public static string NameOf(KnownHeader header) => KnownHeaderData.Names[(int)header];

    /// <summary>The key of a name in any case.</summary>
    /// <param name="name">1 to 65,535 bytes.</param>
    public static HeaderNameKey KeyOf(ReadOnlySpan<byte> name)
    {
        KnownHeader known = Recognise(name, out uint hash);
        return known != KnownHeader.Unknown ? HeaderNameKey.OfKnown(name.Length, (uint)known) : HeaderNameKey.OfUnknown(name.Length, hash);
    }

    /// <summary>The id of a name in any case, or <see cref="KnownHeader.Unknown"/>.</summary>
    /// <param name="name">1 to 65,535 bytes.</param>
    /// <param name="hash">What the key of an unknown name is made of.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static KnownHeader Recognise(ReadOnlySpan<byte> name, out uint hash)
    {
        hash = Hash(name.Length, HeaderNameHash.TailOf(name));
        uint candidate = Candidate(hash);
        return candidate != 0 && MatchesRow(name, candidate) ? (KnownHeader)candidate : KnownHeader.Unknown;
    }

    /// <summary>The key of a name in any case.</summary>
    /// <param name="name">1 to 65,535 characters. Of a name that is not ASCII the key says only that it is unknown.</param>
    public static HeaderNameKey KeyOf(string name)
    {
        uint beforeLast = name.Length > 1 ? name[^2] : '\n';
        uint beforeThat = name.Length > 2 ? name[^3] : name.Length == 2 ? '\n' : '\r';
        uint hash = Hash(name.Length, beforeThat | (beforeLast << 8) | ((uint)name[^1] << 16) | Colon);
        uint candidate = Candidate(hash);
        return candidate != 0 && string.Equals(name, KnownHeaderData.Names[candidate], StringComparison.OrdinalIgnoreCase)
            ? HeaderNameKey.OfKnown(name.Length, candidate)
            : HeaderNameKey.OfUnknown(name.Length, hash);
    }

    /// <summary>A hash over a name's length and its last three bytes in any case.</summary>
    /// <param name="length">The name's length in bytes.</param>
    /// <param name="tail">As <see cref="HeaderNameHash.Fold"/> takes it.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static uint Hash(int length, uint tail) => HeaderNameHash.Fold(length, tail) * KnownHeaderData.Multiplier;

    /// <summary>The only id that a name may have: the hash is perfect for those that are known.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static uint Candidate(uint hash) => Unsafe.Add(ref MemoryMarshal.GetReference(KnownHeaderData.Slots), hash >> (32 - KnownHeaderData.SlotBits));

    /// <summary>Compares a name with the row of a known one, in two overlapping pieces.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static bool MatchesRow(ReadOnlySpan<byte> name, uint candidate)
    {
        ref byte row = ref Unsafe.Add(ref MemoryMarshal.GetReference(KnownHeaderData.Rows), candidate * KnownHeaderData.RowSize);
        ref byte start = ref MemoryMarshal.GetReference(name);
        int length = name.Length;
        bool sameLength = length == Unsafe.Add(ref MemoryMarshal.GetReference(KnownHeaderData.Sizes), candidate) - ColonAndSpace;
        if (length >= 16)
        {
            return sameLength
                && Fold(Vector128.LoadUnsafe(ref start)) == Vector128.LoadUnsafe(ref row)
                && Fold(Vector128.LoadUnsafe(ref start, (nuint)length - 16)) == Vector128.LoadUnsafe(ref row, (nuint)length - 16);
        }

        if (length >= 8)
        {
            return sameLength
                && Fold(Read<ulong>(ref start, 0)) == Read<ulong>(ref row, 0)
                && Fold(Read<ulong>(ref start, length - 8)) == Read<ulong>(ref row, length - 8);
        }

        if (length >= 4)
        {
            return sameLength
                && Fold(Read<uint>(ref start, 0)) == Read<uint>(ref row, 0)
                && Fold(Read<uint>(ref start, length - 4)) == Read<uint>(ref row, length - 4);
        }

        return sameLength
            && Fold(Read<ushort>(ref start, 0)) == Read<ushort>(ref row, 0)
            && Fold(Read<ushort>(ref start, length - 2)) == Read<ushort>(ref row, length - 2);
    }

    // Letters have the bit 0x40, the hyphen has not, and there is nothing else in a row.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector128<byte> Fold(Vector128<byte> bytes) => bytes | Vector128.ShiftRightLogical(bytes & Vector128.Create((byte)0x40), 1);

    private static ulong Fold(ulong bytes) => bytes | ((bytes & 0x4040_4040_4040_4040) >> 1);

    private static T Read<T>(ref byte start, int offset) => Unsafe.ReadUnaligned<T>(ref Unsafe.Add(ref start, offset));
}
