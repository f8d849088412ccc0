using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace OneShot.AspNetCore.Wire;

/// <summary>Where the loop over whole vectors stops: for want of room in the table, or too near the end of the bytes.</summary>
internal sealed partial class HeadScanner
{
    /// <summary>Goes on where the scan stopped for want of room in the table, or for want of bytes behind a line that is all here.</summary>
    [MethodImpl(MethodImplOptions.NoInlining)]
    private bool TryGoOn(ReadOnlySpan<byte> section, ref int next, HeaderTable table, int maxCount, bool wasFull)
    {
        ref byte start = ref MemoryMarshal.GetReference(section);
        while (wasFull && table.Count < maxCount && section.Length - next >= MinLength)
        {
            ulong lineEnds = FirstOfEachRun(ByteMask.Special(ref start, next, section.Length));
            next = Scan(ref start, section.Length, next, next, lineEnds, table, maxCount, out wasFull);
            if (EndsHead(ref start, next))
            {
                return true;
            }
        }

        if (section.Length - next >= Vector128<byte>.Count)
        {
            return false;
        }

        while (section.Length >= MinLength && next < section.Length && table.Count < maxCount && TryTakeLastLine(section, ref next, table))
        {
            if (EndsHead(ref start, next))
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>Takes a line that is too near the end of the bytes for a vector.</summary>
    private static bool TryTakeLastLine(ReadOnlySpan<byte> section, ref int next, HeaderTable table)
    {
        ref byte start = ref MemoryMarshal.GetReference(section);
        int end = next + BitOperations.TrailingZeroCount(ByteMask.SpecialAtEnd(ref start, next, section.Length));
        if (end + 4 > section.Length || Read<ushort>(ref start, end) != LineEnd)
        {
            return false;
        }

        ReadOnlySpan<byte> line = section[next..end];
        int nameLength = line.IndexOf((byte)':');
        if (nameLength <= 0)
        {
            return false;
        }

        HeaderNameKey key = KnownHeaders.KeyOf(line[..nameLength]);
        if (key.Known == KnownHeader.Unknown && !FieldSyntax.IsToken(line[..nameLength]))
        {
            return false;
        }

        int value = nameLength + 1;
        while (value < line.Length && line[value] == ' ')
        {
            value++;
        }

        int valueLength = line.Length - value;
        while (valueLength > 0 && line[value + valueLength - 1] == ' ')
        {
            valueLength--;
        }

        table.Add(next, key, next + value, valueLength, hasNonAscii: false);
        next = end + (Read<uint>(ref start, end) == TwoLineEnds ? 4 : 2);
        return true;
    }
}
