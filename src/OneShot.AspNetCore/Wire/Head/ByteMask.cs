using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace OneShot.AspNetCore.Wire;

/// <summary>Bytes to bits: bit <c>i</c> stands for the byte at <c>offset + i</c>. Everything the head scanner knows of vectors.</summary>
internal static class ByteMask
{
    /// <summary>Bytes that one 64-bit mask covers.</summary>
    public const int BlockSize = 64;

    /// <summary>The fewest bytes that <see cref="SpecialAtEnd"/> can look at without reading beyond them.</summary>
    public const int MinLength = 32;

    // A byte is no token byte if the entries for its two halves share a bit: one bit for each of the high halves 2, 3, 4, 5 and 7,
    // whose bytes are in part tokens, and one that every low half has, for those that have none.
    private const byte Row2 = 1;
    private const byte Row3 = 2;
    private const byte Row4 = 4;
    private const byte Row5 = 8;
    private const byte Row7 = 16;
    private const byte Always = 32;

    private static ReadOnlySpan<byte> LowHalves =>
    [
        Always | Row2 | Row4, // SP @
        Always,
        Always | Row2, // "
        Always, Always, Always, Always, Always,
        Always | Row2, // (
        Always | Row2, // )
        Always | Row3, // :
        Always | Row3 | Row5 | Row7, // ; [ {
        Always | Row2 | Row3 | Row5, // , < \
        Always | Row3 | Row5 | Row7, // = ] }
        Always | Row3, // >
        Always | Row2 | Row3 | Row7, // / ? DEL
    ];

    private static ReadOnlySpan<byte> HighHalves =>
    [
        Always, Always, Row2, Row3, Row4, Row5, 0, Row7,
        Always, Always, Always, Always, Always, Always, Always, Always,
    ];

    /// <summary>The bytes that are not printable ASCII, of up to 64 from <paramref name="offset"/> on.</summary>
    /// <param name="start">The first of <paramref name="length"/> bytes.</param>
    /// <param name="offset">Below <paramref name="length"/>.</param>
    /// <param name="length">At least <see cref="MinLength"/>.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static ulong Special(ref byte start, nint offset, nint length)
        => offset + BlockSize <= length ? Special(ref start, offset) : SpecialAtEnd(ref start, offset, length);

    /// <summary>
    /// The bytes that are not printable ASCII, of the 64 from <paramref name="offset"/>: line ends, what is forbidden everywhere, and
    /// the few that are rare enough in heads to be looked at one by one (TAB, above 0x7F).
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static ulong Special(ref byte start, nint offset)
    {
        if (Vector512.IsHardwareAccelerated)
        {
            // One addition moves DEL below zero too, so that a single signed comparison finds them all.
            Vector512<sbyte> bytes = Vector512.LoadUnsafe(ref start, (nuint)offset).AsSByte() + Vector512<sbyte>.One;
            return Vector512.LessThan(bytes, Vector512.Create((sbyte)0x21)).ExtractMostSignificantBits();
        }

        return Special32(ref start, offset) | ((ulong)Special32(ref start, offset + 32) << 32);
    }

    /// <summary>As <see cref="Special(ref byte, nint)"/>, where fewer than 64 bytes are left; the bits beyond them are zero.</summary>
    /// <param name="start">The first of <paramref name="length"/> bytes.</param>
    /// <param name="offset">Below <paramref name="length"/>.</param>
    /// <param name="length">At least <see cref="MinLength"/>.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static ulong SpecialAtEnd(ref byte start, nint offset, nint length)
        => length >= BlockSize
            ? Special(ref start, length - BlockSize) >> (int)(offset + BlockSize - length)
            : (Special32(ref start, 0) | ((ulong)Special32(ref start, length - 32) << (int)(length - 32))) >> (int)offset;

    /// <summary>The spaces of the first 64 bytes, or of all when there are fewer.</summary>
    /// <param name="start">The first of <paramref name="length"/> bytes.</param>
    /// <param name="length">At least <see cref="MinLength"/>.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static ulong SpacesAtStart(ref byte start, int length)
    {
        int second = Math.Min(length - 32, 32);
        return Spaces32(ref start, 0) | ((ulong)Spaces32(ref start, second) << second);
    }

    /// <summary>The bytes that may not stand in a token.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static uint NotToken(Vector256<byte> bytes)
    {
        Vector256<byte> lowHalves = bytes & Vector256.Create((byte)0x0F);
        Vector256<byte> highHalves = Vector256.ShiftRightLogical(bytes.AsUInt16(), 4).AsByte() & Vector256.Create((byte)0x0F);
        Vector256<byte> low = LookUp(LowHalves, lowHalves);
        Vector256<byte> high = LookUp(HighHalves, highHalves);
        return ~Vector256.Equals(low & high, Vector256<byte>.Zero).ExtractMostSignificantBits();
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<byte> LookUp(ReadOnlySpan<byte> table, Vector256<byte> indexes)
    {
        Vector128<byte> entries = Vector128.LoadUnsafe(ref MemoryMarshal.GetReference(table));
        if (Avx2.IsSupported)
        {
            return Avx2.Shuffle(Vector256.Create(entries, entries), indexes);
        }

        return Vector256.Create(Vector128.Shuffle(entries, indexes.GetLower()), Vector128.Shuffle(entries, indexes.GetUpper()));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static uint Special32(ref byte start, nint offset)
    {
        Vector256<sbyte> bytes = Vector256.LoadUnsafe(ref start, (nuint)offset).AsSByte() + Vector256<sbyte>.One;
        return Vector256.LessThan(bytes, Vector256.Create((sbyte)0x21)).ExtractMostSignificantBits();
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static uint Spaces32(ref byte start, int offset)
        => Vector256.Equals(Vector256.LoadUnsafe(ref start, (nuint)offset), Vector256.Create((byte)' ')).ExtractMostSignificantBits();
}
