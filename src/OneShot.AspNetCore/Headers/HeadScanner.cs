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
internal static class HeadScanner
{
    /// <summary>Shorter input is not worth a vector.</summary>
    public const int MinLength = ByteMask.MinLength;

    private const ushort LineEnd = 0x0A0D;
    private const uint TwoLineEnds = 0x0A0D0A0D;

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
    public static bool ScanHead(ReadOnlySpan<byte> buffer, in HeaderLimits limits, HeaderTable table, ref RequestLine line, out int fieldsStart, out int next)
    {
        Debug.Assert(buffer.Length >= MinLength);
        ref byte start = ref MemoryMarshal.GetReference(buffer);
        ulong special = buffer.Length >= ByteMask.BlockSize ? ByteMask.Special(ref start, 0) : ByteMask.SpecialAtEnd(ref start, 0, buffer.Length);
        ulong lineEnds = FirstOfEachRun(special, 0);
        int end = BitOperations.TrailingZeroCount(lineEnds);
        fieldsStart = end + 2;
        next = 0;
        if (end + 4 > buffer.Length
            || fieldsStart > limits.MaxRequestLineSize
            || Read<ushort>(ref start, end) != LineEnd
            || !TryReadRequestLine(ref start, end, ByteMask.SpacesAtStart(ref start, buffer.Length), ref line))
        {
            fieldsStart = 0;
            return false;
        }

        if (Read<ushort>(ref start, fieldsStart) == LineEnd && limits.MaxRequestHeadersTotalSize >= 2)
        {
            next = fieldsStart + 2;
            return true;
        }

        int length = (int)Math.Min(buffer.Length, (long)fieldsStart + limits.MaxRequestHeadersTotalSize);
        return ScanLines(ref start, length, fieldsStart, 0, lineEnds & (lineEnds - 1), special >> 63, table, limits.MaxRequestHeaderCount, out next);
    }

    /// <summary>Takes header lines from a line start on.</summary>
    /// <param name="section">The bytes that may be looked at.</param>
    /// <param name="lineStart">Where a line starts, behind a request line; at least <see cref="MinLength"/> bytes follow.</param>
    /// <param name="table">Where the lines go.</param>
    /// <param name="maxCount">How many lines the table may hold.</param>
    /// <param name="next">The first byte not taken: a line start, or the end of the head.</param>
    /// <returns>Whether the head ended.</returns>
    public static bool ScanFields(ReadOnlySpan<byte> section, int lineStart, HeaderTable table, int maxCount, out int next)
    {
        Debug.Assert(lineStart > 0 && section.Length - lineStart >= MinLength);
        ref byte start = ref MemoryMarshal.GetReference(section);
        ulong special = SpecialOf(ref start, lineStart, section.Length);
        return ScanLines(ref start, section.Length, lineStart, lineStart, FirstOfEachRun(special, 0), special >> 63, table, maxCount, out next);
    }

    private static bool ScanLines(
        ref byte start, int length, int lineStart, int block, ulong lineEnds, ulong carry, HeaderTable table, int maxCount, out int next)
    {
        while (true)
        {
            while (lineEnds != 0)
            {
                int end = block + BitOperations.TrailingZeroCount(lineEnds);
                lineEnds &= lineEnds - 1;

                // A line is followed by another one or by the empty line: two bytes at least.
                if (end + 4 > length || table.Count >= maxCount || !TryTakeLine(ref start, length, lineStart, end, table))
                {
                    next = lineStart;
                    return false;
                }

                lineStart = end + 2;
                if (Read<uint>(ref start, end) == TwoLineEnds)
                {
                    next = end + 4;
                    return true;
                }
            }

            block += ByteMask.BlockSize;
            if (block >= length)
            {
                next = lineStart;
                return false;
            }

            ulong special = SpecialOf(ref start, block, length);
            lineEnds = FirstOfEachRun(special, carry);
            carry = special >> 63;
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static bool TryTakeLine(ref byte start, int length, int lineStart, int end, HeaderTable table)
    {
        if (Read<ushort>(ref start, end) != LineEnd || lineStart + KnownHeaderData.RowSize > length)
        {
            // A control character, a byte above 0x7F, or the last line before the end of the bytes.
            return Read<ushort>(ref start, end) == LineEnd && TryTakeLastLine(ref start, lineStart, end, table);
        }

        Vector256<byte> name = Vector256.LoadUnsafe(ref start, (nuint)lineStart);
        int nameLength = BitOperations.TrailingZeroCount(Vector256.Equals(name, Vector256.Create((byte)':')).ExtractMostSignificantBits());
        if ((uint)(nameLength - 1) >= KnownHeaders.MaxLength)
        {
            return false;
        }

        // For a name of one byte this reads the byte before the line; no known name is that short.
        uint known = KnownHeaders.Candidate(nameLength, Unsafe.Add(ref start, lineStart), Read<ushort>(ref start, lineStart + nameLength - 2));
        Vector256<byte> row = Vector256.LoadUnsafe(ref MemoryMarshal.GetReference(KnownHeaderData.Names), known * KnownHeaderData.RowSize);
        uint same = Vector256.Equals(name | Vector256.Create((byte)0x20), row).ExtractMostSignificantBits();
        uint nameAndColon = (uint)((2UL << nameLength) - 1);
        if ((~same & nameAndColon) != 0)
        {
            // No known name, so it has yet to be shown to be a token. This also finds a colon that stands beyond the line.
            known = 0;
            if ((ByteMask.NotToken(name) & (nameAndColon >> 1)) != 0)
            {
                return false;
            }
        }

        Add(ref start, lineStart, nameLength, (KnownHeader)known, end, table);
        return true;
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static bool TryTakeLastLine(ref byte start, int lineStart, int end, HeaderTable table)
    {
        ReadOnlySpan<byte> line = MemoryMarshal.CreateReadOnlySpan(ref Unsafe.Add(ref start, lineStart), end - lineStart);
        int nameLength = line.IndexOf((byte)':');
        if ((uint)(nameLength - 1) >= KnownHeaders.MaxLength)
        {
            return false;
        }

        KnownHeader known = KnownHeaders.Recognise(line[..nameLength]);
        if (known == KnownHeader.Unknown && !FieldSyntax.IsToken(line[..nameLength]))
        {
            return false;
        }

        Add(ref start, lineStart, nameLength, known, end, table);
        return true;
    }

    /// <summary>Adds a line whose bytes between colon and end are printable ASCII.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Add(ref byte start, int lineStart, int nameLength, KnownHeader known, int end, HeaderTable table)
    {
        int valueStart = lineStart + nameLength + 1;
        if (Unsafe.Add(ref start, valueStart) == ' ')
        {
            valueStart++;
        }

        // The CR at the end stops the first loop, the colon or what is before the value the second.
        while (Unsafe.Add(ref start, valueStart) == ' ')
        {
            valueStart++;
        }

        int valueEnd = end;
        while (valueEnd > valueStart && Unsafe.Add(ref start, valueEnd - 1) == ' ')
        {
            valueEnd--;
        }

        table.Add(new HeaderEntry
        {
            NameOffset = lineStart,
            NameLength = (ushort)nameLength,
            Known = known,
            ValueOffset = valueStart,
            ValueLength = valueEnd - valueStart,
        });
    }

    /// <summary>Reads <c>method SP target SP HTTP/1.x</c>, of printable ASCII only.</summary>
    private static bool TryReadRequestLine(ref byte start, int end, ulong spaces, ref RequestLine line)
    {
        // "A * HTTP/1.1" is the shortest; the version begins at the ninth byte from the end.
        const int VersionSize = 8;
        spaces &= (1UL << end) - 1;
        int first = BitOperations.TrailingZeroCount(spaces);
        ulong rest = spaces & (spaces - 1);
        int last = BitOperations.TrailingZeroCount(rest);
        if (last != end - VersionSize - 1 || (rest & (rest - 1)) != 0 || last == first + 1 || first == 0)
        {
            return false;
        }

        const ulong Http10 = 0x302E_312F_5054_5448;
        const ulong Http11 = 0x312E_312F_5054_5448;
        ulong version = Read<ulong>(ref start, end - VersionSize);
        if (version is not (Http10 or Http11))
        {
            return false;
        }

        ReadOnlySpan<byte> method = MemoryMarshal.CreateReadOnlySpan(ref start, first);
        const uint Get = 0x2054_4547;
        line.Method = Read<uint>(ref start, 0) == Get ? HttpMethodId.Get : MethodNames.Recognise(method);
        line.Version = version == Http11 ? HttpVersion.Http11 : HttpVersion.Http10;
        line.MethodOffset = 0;
        line.MethodLength = first;
        line.TargetOffset = first + 1;
        line.TargetLength = last - first - 1;
        return line.Method != HttpMethodId.Other || FieldSyntax.IsToken(method);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static ulong SpecialOf(ref byte start, int block, int length)
        => block + ByteMask.BlockSize <= length ? ByteMask.Special(ref start, block) : ByteMask.SpecialAtEnd(ref start, block, length);

    /// <summary>Of CR LF, and of CR LF CR LF, only the first byte.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static ulong FirstOfEachRun(ulong bits, ulong carry) => bits & ~((bits << 1) | carry);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static T Read<T>(ref byte start, int offset) => Unsafe.ReadUnaligned<T>(ref Unsafe.Add(ref start, offset));
}
