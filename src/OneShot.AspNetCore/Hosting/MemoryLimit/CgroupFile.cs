using System.Buffers.Text;
using System.Globalization;
using System.Security;
using Microsoft.Win32.SafeHandles;

namespace OneShot.AspNetCore.Hosting.MemoryLimit;

/// <summary>The files of a control group. A file that is not there, or is no file of that kind, is no error.</summary>
internal static class CgroupFile
{
    /// <summary>Of <c>memory.stat</c>, which has some 60 lines.</summary>
    private const int Longest = 16 << 10;

    /// <summary>The whole text; null where it cannot be read.</summary>
    /// <param name="root">What to take for the root of the file system.</param>
    /// <param name="path">From there.</param>
    public static string? ReadText(string root, string path)
    {
        try
        {
            string file = Path.Combine(root, path.TrimStart('/'));
            return File.Exists(file) ? File.ReadAllText(file) : null;
        }
        catch (Exception exception) when (IsUnreadable(exception))
        {
            return null;
        }
    }

    /// <summary>The number that is all the file has. Makes no garbage to speak of: it is read every second.</summary>
    /// <param name="file">Its path.</param>
    /// <param name="number">Null for <c>max</c>.</param>
    /// <returns>False where the file cannot be read, or has neither: that says nothing about the number.</returns>
    public static bool TryNumber(string file, out long? number)
    {
        Span<byte> buffer = stackalloc byte[64];
        ReadOnlySpan<byte> text = buffer[..Read(file, buffer)];
        text = text.Trim(" \t\r\n"u8);
        number = long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out long read) ? read : null;
        return number is not null || text.SequenceEqual("max"u8);
    }

    /// <summary>Fields of a file with a name and a number on each line; a field that is not there is 0.</summary>
    /// <returns>False when the file cannot be read, or has no line at all.</returns>
    public static bool TryReadFields(string file, ReadOnlySpan<byte[]> names, Span<long> values)
    {
        values.Clear();
        Span<byte> buffer = stackalloc byte[Longest];
        ReadOnlySpan<byte> text = buffer[..Read(file, buffer)];
        if (text.IsEmpty)
        {
            return false;
        }

        foreach (Range range in text.Split((byte)'\n'))
        {
            ReadOnlySpan<byte> line = text[range];
            int space = line.IndexOf((byte)' ');
            for (int i = 0; i < names.Length; i++)
            {
                if (space == names[i].Length && line.StartsWith(names[i]) && Utf8Parser.TryParse(line[(space + 1)..], out long number, out _) && number >= 0)
                {
                    values[i] = number;
                }
            }
        }

        return true;
    }

    private static int Read(string file, Span<byte> buffer)
    {
        try
        {
            using SafeFileHandle handle = File.OpenHandle(file);
            int length = 0;
            while (length < buffer.Length && RandomAccess.Read(handle, buffer[length..], length) is > 0 and var read)
            {
                length += read;
            }

            return length;
        }
        catch (Exception exception) when (IsUnreadable(exception))
        {
            return 0;
        }
    }

    private static bool IsUnreadable(Exception exception) =>
        exception is IOException or UnauthorizedAccessException or SecurityException or ArgumentException or NotSupportedException;
}
