using System.Diagnostics;
using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace OneShot.AspNetCore.Wire;

/// <summary>
/// The fast way through a head: one pass of vector masks that finds line ends and forbidden bytes together, and takes every line
/// that is wholly here and plainly well formed. What is not so, it leaves to <see cref="RequestLineParser"/> and
/// <see cref="FieldSectionParser"/>, which then decide: it never refuses anything itself.
/// </summary>
/// <remarks>
/// One per connection: a client sends its headers in much the same order every time, so it is worth remembering which known header
/// came after which. A right guess costs one comparison; a wrong one is looked up, and costs nothing but time.
/// </remarks>
internal sealed partial class HeadScanner
{
    /// <summary>Shorter input is not worth a vector.</summary>
    public const int MinLength = ByteMask.MinLength;

    private const ushort LineEnd = 0x0A0D;
    private const uint TwoLineEnds = 0x0A0D0A0D;

    /// <summary>More headers than nearly all requests have.</summary>
    private const int LinesAtOnce = 32;

    /// <summary>Stands before the first header of a request.</summary>
    private const uint BeforeFirst = KnownHeaderData.Count;

    private Successors _successors;

    /// <summary>Whether this machine has the vectors, and the byte order that the comparisons of several bytes are written for.</summary>
    public static bool IsSupported => Vector128.IsHardwareAccelerated && BitConverter.IsLittleEndian;

    /// <summary>Takes a request line that ends in the first 64 bytes, and the lines behind it.</summary>
    /// <param name="buffer">The head from its first byte; at least <see cref="MinLength"/> bytes.</param>
    /// <param name="limits">What the head is held to.</param>
    /// <param name="table">Where the header lines go.</param>
    /// <param name="line">Receives the request line.</param>
    /// <param name="fieldsStart">Where the header lines begin, or 0 if not even the request line was taken.</param>
    /// <param name="next">The first byte not taken: a line start, or the end of the head.</param>
    /// <returns>Whether the head ended.</returns>
    public bool ScanHead(ReadOnlySpan<byte> buffer, in HeaderLimits limits, HeaderTable table, ref RequestLine line, out int fieldsStart, out int next)
    {
        Debug.Assert(buffer.Length >= MinLength);
        ref byte start = ref MemoryMarshal.GetReference(buffer);
        ulong special = ByteMask.Special(ref start, 0, buffer.Length);
        ulong lineEnds = FirstOfEachRun(special);
        int end = BitOperations.TrailingZeroCount(lineEnds);
        if (end + 4 > buffer.Length || end + 2 > limits.MaxRequestLineSize || !TryReadRequestLine(ref start, buffer.Length, end, ref line))
        {
            fieldsStart = 0;
            next = 0;
            return false;
        }

        fieldsStart = end + 2;
        int length = (int)Math.Min(buffer.Length, (long)fieldsStart + limits.MaxRequestHeadersTotalSize);
        if (Read<ushort>(ref start, fieldsStart) == LineEnd)
        {
            next = fieldsStart;
            return false;
        }

        next = Scan(ref start, length, fieldsStart, 0, lineEnds & (lineEnds - 1), table, limits.MaxRequestHeaderCount, out bool isFull);
        return EndsHead(ref start, next) || TryGoOn(buffer[..length], ref next, table, limits.MaxRequestHeaderCount, isFull);
    }

    /// <summary>Takes header lines from a line start on.</summary>
    /// <param name="section">The bytes that may be looked at.</param>
    /// <param name="lineStart">Where a line starts, behind a request line; at least <see cref="MinLength"/> bytes follow.</param>
    /// <param name="table">Where the lines go.</param>
    /// <param name="maxCount">How many lines the table may hold.</param>
    /// <param name="next">The first byte not taken: a line start, or the end of the head.</param>
    /// <returns>Whether the head ended.</returns>
    public bool ScanFields(ReadOnlySpan<byte> section, int lineStart, HeaderTable table, int maxCount, out int next)
    {
        Debug.Assert(lineStart >= 4 && section.Length - lineStart >= MinLength);
        next = lineStart;
        return TryGoOn(section, ref next, table, maxCount, wasFull: true);
    }

    /// <summary>After a line of any kind, what is behind it tells whether it was the last one.</summary>
    private static bool EndsHead(ref byte start, int next) => Read<uint>(ref start, next - 4) == TwoLineEnds;

    /// <summary>Adds lines to the table as <see cref="ScanLines"/> finds them: at most <see cref="LinesAtOnce"/>, and then it is full.</summary>
    /// <remarks>They are gathered on the stack, so that the arena gives as much room as there are lines, and no more.</remarks>
    [SkipLocalsInit]
    private int Scan(ref byte start, int length, int lineStart, int block, ulong lineEnds, HeaderTable table, int maxCount, out bool isFull)
    {
        Span<HeaderEntry> room = stackalloc HeaderEntry[LinesAtOnce];
        room = room[..Math.Min(LinesAtOnce, maxCount - table.Count)];
        int taken = ScanLines(ref start, length, lineStart, block, lineEnds, room, ref _successors[0], out int next);
        table.AddRange(room[..taken]);
        isFull = taken == room.Length;
        return next;
    }

    /// <summary>Writes entries for lines until one is not plain, or too near the end of the bytes for a vector, or there is no room.</summary>
    /// <param name="start">The first of <paramref name="length"/> bytes.</param>
    /// <param name="length">The bytes that may be looked at.</param>
    /// <param name="firstLine">Where the first line starts.</param>
    /// <param name="firstBlock">The byte that bit 0 of <paramref name="lineEnds"/> stands for.</param>
    /// <param name="lineEnds">The line ends in the first block, from that of the first line on.</param>
    /// <param name="room">Where the entries go.</param>
    /// <param name="successors">For each known header, the one that came after it last time.</param>
    /// <param name="next">The first line not taken, or the end of the head.</param>
    /// <returns>How many entries were written.</returns>
    /// <remarks>
    /// Few variables and no call: what this loop costs is what the compiler cannot keep in registers. That is also why it
    /// stands alone and is not to be inlined.
    /// </remarks>
    [MethodImpl(MethodImplOptions.NoInlining)]
    private static int ScanLines(
        ref byte start, nint length, nint firstLine, nint firstBlock, ulong lineEnds, Span<HeaderEntry> room, ref byte successors, out int next)
    {
        ref HeaderEntry entry = ref MemoryMarshal.GetReference(room);
        ref HeaderEntry limit = ref Unsafe.Add(ref entry, room.Length);
        nint lineStart = firstLine;
        nint block = firstBlock;
        nuint previous = BeforeFirst;
        while (true)
        {
            while (lineEnds != 0)
            {
                nint end = block + (nint)ulong.TrailingZeroCount(lineEnds);
                lineEnds &= lineEnds - 1;

                Vector256<byte> name;
                if (end <= length - Vector256<byte>.Count)
                {
                    name = Vector256.LoadUnsafe(ref start, (nuint)lineStart);
                }
                else if (!TryLoadNearEnd(ref start, length, lineStart, end, out name))
                {
                    goto Stop;
                }

                if (!Unsafe.IsAddressLessThan(ref entry, ref limit) || Read<ushort>(ref start, end) != LineEnd)
                {
                    goto Stop;
                }

                Vector256<byte> folded = name | Vector256.Create((byte)0x20);
                nuint known = Unsafe.Add(ref successors, previous);
                nint nameSize = Unsafe.Add(ref MemoryMarshal.GetReference(KnownHeaderData.Sizes), known);
                nint value = lineStart + nameSize;
                HeaderNameKey key;
                if (FirstDifference(folded, known) >= nameSize)
                {
                    key = HeaderNameKey.OfKnown((int)nameSize - 2, (uint)known);
                    previous = known;
                }
                else
                {
                    nint nameLength = BitOperations.TrailingZeroCount(Vector256.Equals(name, Vector256.Create((byte)':')).ExtractMostSignificantBits());
                    if ((nuint)(nameLength - 1) >= (nuint)(Vector256<byte>.Count - 1))
                    {
                        goto Stop;
                    }

                    uint hash = KnownHeaders.Hash((int)nameLength, Read<uint>(ref start, lineStart + nameLength - 3));
                    known = KnownHeaders.Candidate(hash);
                    if (FirstDifference(folded, known) > nameLength)
                    {
                        key = HeaderNameKey.OfKnown((int)nameLength, (uint)known);
                        Unsafe.Add(ref successors, previous) = (byte)known;
                        previous = known;
                    }
                    else if (BitOperations.TrailingZeroCount(ByteMask.NotToken(name)) >= nameLength)
                    {
                        key = HeaderNameKey.OfUnknown((int)nameLength, hash);
                    }
                    else
                    {
                        // No token, or a colon beyond the line's end, which is no token either.
                        goto Stop;
                    }

                    value = lineStart + nameLength + 1;
                    value += Read<byte>(ref start, value) == ' ' ? 1 : 0;
                }

                nint valueEnd = end;
                if (Read<byte>(ref start, value) == ' ' || Read<byte>(ref start, end - 1) == ' ')
                {
                    // The CR at the end of the line stops the first loop.
                    while (Read<byte>(ref start, value) == ' ')
                    {
                        value++;
                    }

                    while (valueEnd > value && Read<byte>(ref start, valueEnd - 1) == ' ')
                    {
                        valueEnd--;
                    }
                }

                Debug.Assert(value <= end && valueEnd >= value);
                entry.Set((int)lineStart, key, (int)value, (int)(valueEnd - value));
                entry = ref Unsafe.Add(ref entry, 1);
                lineStart = end + 2;
                if (Read<uint>(ref start, end) == TwoLineEnds)
                {
                    lineStart = end + 4;
                    goto Stop;
                }
            }

            block += ByteMask.BlockSize;
            if (block >= length)
            {
                goto Stop;
            }

            ulong special = ByteMask.Special(ref start, block, length);
            lineEnds = FirstOfEachRun(special) & ~(lineStart > block ? 1UL : 0);
        }

    Stop:
        next = (int)lineStart;
        return (int)(Unsafe.ByteOffset(ref MemoryMarshal.GetReference(room), ref entry) / Unsafe.SizeOf<HeaderEntry>());
    }

    /// <summary>
    /// Loads the beginning of a line that ends less than a vector's size before the end of the bytes. If half of it is all there is, the
    /// other half is bytes that are in no name: zeros would be folded to spaces.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static bool TryLoadNearEnd(ref byte start, nint length, nint lineStart, nint end, out Vector256<byte> name)
    {
        // Behind a line is another one or the empty line: two bytes at least.
        if (end > length - 4 || lineStart > length - Vector128<byte>.Count)
        {
            name = default;
            return false;
        }

        name = lineStart <= length - Vector256<byte>.Count
            ? Vector256.LoadUnsafe(ref start, (nuint)lineStart)
            : Vector256.Create(Vector128.LoadUnsafe(ref start, (nuint)lineStart), Vector128<byte>.AllBitsSet);
        return true;
    }

    /// <summary>The first byte that differs from a known name, its colon and a space.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static nint FirstDifference(Vector256<byte> folded, nuint known)
    {
        Vector256<byte> row = Vector256.LoadUnsafe(ref MemoryMarshal.GetReference(KnownHeaderData.Rows), known * KnownHeaderData.RowSize);
        return (nint)(nuint)uint.TrailingZeroCount(~Vector256.Equals(folded, row).ExtractMostSignificantBits());
    }

    /// <summary>Of CR LF, and of CR LF CR LF, only the first byte.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static ulong FirstOfEachRun(ulong bits) => bits & ~(bits << 1);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static T Read<T>(ref byte start, nint offset) => Unsafe.ReadUnaligned<T>(ref Unsafe.Add(ref start, offset));

    /// <summary>One place for each known header, and one for <see cref="BeforeFirst"/>.</summary>
    [InlineArray(KnownHeaderData.Count + 1)]
    private struct Successors
    {
        private byte _element;
    }
}
