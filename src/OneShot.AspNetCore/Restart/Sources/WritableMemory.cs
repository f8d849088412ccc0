using System.Buffers.Text;

namespace OneShot.AspNetCore.Restart;

/// <summary>Addresses from <paramref name="Start"/> to before <paramref name="End"/>.</summary>
internal readonly record struct AddressRange(nuint Start, nuint End)
{
    public nuint Length => End - Start;
}

/// <summary>The private memory of this process that can be written to and that no file backs (proc_pid_maps(5)).</summary>
internal static class WritableMemory
{
    private const string File = "/proc/self/maps";

    /// <summary>Which field of a line it is, from the protection on.</summary>
    private const int Inode = 3;

    /// <summary>All of it, in order of address; neighbours are one range. Null where it cannot be read, which says nothing of what there is.</summary>
    public static IReadOnlyList<AddressRange>? Read() => Read(File);

    /// <param name="file">Which is read in its place.</param>
    internal static IReadOnlyList<AddressRange>? Read(string file)
    {
        try
        {
            return Parse(System.IO.File.ReadAllBytes(file)) is { Count: > 0 } ranges ? ranges : null; // a process has a stack and a heap at the least
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    /// <summary>What is in <paramref name="after"/> and was not in <paramref name="before"/>; both are in order of address.</summary>
    public static List<AddressRange> Added(IReadOnlyList<AddressRange> before, IReadOnlyList<AddressRange> after)
    {
        List<AddressRange> added = [];
        int next = 0;
        foreach (AddressRange range in after)
        {
            nuint start = range.Start;
            while (next < before.Count && before[next].End <= start)
            {
                next++;
            }

            for (int i = next; i < before.Count && before[i].Start < range.End; i++)
            {
                if (before[i].Start > start)
                {
                    added.Add(new(start, before[i].Start));
                }

                start = before[i].End;
            }

            if (start < range.End)
            {
                added.Add(new(start, range.End));
            }
        }

        return added;
    }

    /// <summary>A line is <c>7f6ecb76f000-7f6ecb9d0000 rw-p 00000000 00:00 0 [heap]</c>: addresses, protection, offset, device, inode, name. Others are passed over.</summary>
    internal static List<AddressRange> Parse(ReadOnlySpan<byte> maps)
    {
        List<AddressRange> ranges = [];
        foreach (Range part in maps.Split((byte)'\n'))
        {
            if (TryParseLine(maps[part], out AddressRange range))
            {
                if (ranges.Count > 0 && ranges[^1].End == range.Start)
                {
                    ranges[^1] = new(ranges[^1].Start, range.End);
                }
                else
                {
                    ranges.Add(range);
                }
            }
        }

        return ranges;
    }

    private static bool TryParseLine(ReadOnlySpan<byte> line, out AddressRange range)
    {
        range = default;
        if (!TryAddress(ref line, (byte)'-', out nuint start) || !TryAddress(ref line, (byte)' ', out nuint end) || start >= end || !line.StartsWith("rw-p "u8))
        {
            return false;
        }

        range = new(start, end);
        int field = 0;
        foreach (Range part in line.Split((byte)' '))
        {
            if (field++ == Inode)
            {
                return line[part].SequenceEqual("0"u8);
            }
        }

        return false;
    }

    private static bool TryAddress(ref ReadOnlySpan<byte> text, byte end, out nuint address)
    {
        bool isNumber = Utf8Parser.TryParse(text, out ulong value, out int length, 'x') && length < text.Length && text[length] == end;
        address = isNumber ? checked((nuint)value) : 0;
        text = isNumber ? text[(length + 1)..] : text;
        return isNumber;
    }
}
