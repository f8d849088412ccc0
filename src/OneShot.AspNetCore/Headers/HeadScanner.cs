using System.Diagnostics;
using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace OneShot.AspNetCore.Headers;

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

    /// <summary>Stands before the first header of a request.</summary>
    private const uint BeforeFirst = KnownHeaders.Count;

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
        ulong lineEnds = FirstOfEachRun(special, 0);
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

        Span<HeaderEntry> room = table.Room(limits.MaxRequestHeaderCount);
        int taken = ScanLines(ref start, length, fieldsStart, 0, lineEnds & (lineEnds - 1), special >> 63, room, ref _successors[0], out next);
        table.Took(taken);
        return EndsHead(ref start, next) || TryGoOn(buffer[..length], ref next, table, limits.MaxRequestHeaderCount);
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
        ref byte start = ref MemoryMarshal.GetReference(section);
        ulong special = ByteMask.Special(ref start, lineStart, section.Length);
        int taken = ScanLines(ref start, section.Length, lineStart, lineStart, FirstOfEachRun(special, 0), special >> 63, table.Room(maxCount), ref _successors[0], out next);
        table.Took(taken);
        return EndsHead(ref start, next) || TryGoOn(section, ref next, table, maxCount);
    }

    /// <summary>After a line of any kind, what is behind it tells whether it was the last one.</summary>
    private static bool EndsHead(ref byte start, int next) => Read<uint>(ref start, next - 4) == TwoLineEnds;

    /// <summary>Writes entries for lines until one is not plain, or too near the end of the bytes for a vector, or there is no room.</summary>
    /// <param name="start">The first of <paramref name="length"/> bytes.</param>
    /// <param name="length">The bytes that may be looked at.</param>
    /// <param name="firstLine">Where the first line starts.</param>
    /// <param name="firstBlock">The byte that bit 0 of <paramref name="lineEnds"/> stands for.</param>
    /// <param name="lineEnds">The line ends in the first block, from that of the first line on.</param>
    /// <param name="carry">1 if the last byte of the first block is special.</param>
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
        ref byte start, int length, nint firstLine, nint firstBlock, ulong lineEnds, ulong carry, Span<HeaderEntry> room, ref byte successors, out int next)
    {
        ref HeaderEntry entry = ref MemoryMarshal.GetReference(room);
        ref HeaderEntry limit = ref Unsafe.Add(ref entry, room.Length);
        nint lineStart = firstLine;
        nint block = firstBlock;
        uint previous = BeforeFirst;
        while (true)
        {
            while (lineEnds != 0)
            {
                nint end = block + BitOperations.TrailingZeroCount(lineEnds);
                lineEnds &= lineEnds - 1;

                // Behind a line is another one or the empty line: two bytes at least.
                if (end > length - 4 || !Unsafe.IsAddressLessThan(ref entry, ref limit) || Read<ushort>(ref start, end) != LineEnd)
                {
                    goto Stop;
                }

                Vector256<byte> name;
                if (lineStart <= length - Vector256<byte>.Count)
                {
                    name = Vector256.LoadUnsafe(ref start, (nuint)lineStart);
                }
                else if (lineStart <= length - Vector128<byte>.Count)
                {
                    name = Vector128.LoadUnsafe(ref start, (nuint)lineStart).ToVector256();
                }
                else
                {
                    goto Stop;
                }

                Vector256<byte> folded = name | Vector256.Create((byte)0x20);
                uint known = Unsafe.Add(ref successors, previous);
                int nameLength = Unsafe.Add(ref MemoryMarshal.GetReference(KnownHeaderData.Lengths), known);
                if (FirstDifference(folded, known) > nameLength)
                {
                    previous = known;
                }
                else
                {
                    nameLength = BitOperations.TrailingZeroCount(Vector256.Equals(name, Vector256.Create((byte)':')).ExtractMostSignificantBits());
                    if ((uint)(nameLength - 1) >= KnownHeaders.MaxLength)
                    {
                        goto Stop;
                    }

                    known = KnownHeaders.Candidate(nameLength, Read<uint>(ref start, lineStart + nameLength - 3));
                    if (FirstDifference(folded, known) > nameLength)
                    {
                        Unsafe.Add(ref successors, previous) = (byte)known;
                        previous = known;
                    }
                    else if (BitOperations.TrailingZeroCount(ByteMask.NotToken(name)) >= nameLength)
                    {
                        known = 0;
                    }
                    else
                    {
                        // No token, or a colon beyond the line's end, which is no token either.
                        goto Stop;
                    }
                }

                nint value = lineStart + nameLength + 1;

                // The CR at the end of the line stops the loop over spaces.
                value += Read<byte>(ref start, value) == ' ' ? 1 : 0;
                while (Read<byte>(ref start, value) == ' ')
                {
                    value++;
                }

                nint valueLength = end - value;
                while (valueLength > 0 && Read<byte>(ref start, value + valueLength - 1) == ' ')
                {
                    valueLength--;
                }

                entry.Set((int)lineStart, nameLength, (KnownHeader)known, (int)value, (int)valueLength);
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

            ulong special = ByteMask.Special(ref start, (int)block, length);
            lineEnds = FirstOfEachRun(special, carry);
            carry = special >> 63;
        }

    Stop:
        next = (int)lineStart;
        return (int)(Unsafe.ByteOffset(ref MemoryMarshal.GetReference(room), ref entry) / Unsafe.SizeOf<HeaderEntry>());
    }

    /// <summary>The first byte that differs from a known name and its colon.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static int FirstDifference(Vector256<byte> folded, uint known)
    {
        Vector256<byte> row = Vector256.LoadUnsafe(ref MemoryMarshal.GetReference(KnownHeaderData.Names), known * KnownHeaderData.RowSize);
        return BitOperations.TrailingZeroCount(~Vector256.Equals(folded, row).ExtractMostSignificantBits());
    }

    /// <summary>Of CR LF, and of CR LF CR LF, only the first byte.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static ulong FirstOfEachRun(ulong bits, ulong carry) => bits & ~((bits << 1) | carry);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static T Read<T>(ref byte start, nint offset) => Unsafe.ReadUnaligned<T>(ref Unsafe.Add(ref start, offset));

    /// <summary>One place for each known header, and one for <see cref="BeforeFirst"/>.</summary>
    [InlineArray(KnownHeaders.Count + 1)]
    private struct Successors
    {
        private byte _element;
    }
}
