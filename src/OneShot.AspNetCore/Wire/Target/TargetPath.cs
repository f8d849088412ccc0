using System.Buffers;
using System.Text;

namespace OneShot.AspNetCore.Wire;

/// <summary>
/// A path as the application sees it: percent-decoded to UTF-8, then without dot segments (RFC 3986 2.4, 5.2.4), as Kestrel does it.
/// </summary>
internal static class TargetPath
{
    /// <summary>Whether the path is already as the application is to see it.</summary>
    public static bool IsPlain(ReadOnlySpan<byte> path) => !path.Contains((byte)'%') && path.IndexOf("/."u8) < 0;

    /// <summary>Decodes and normalises.</summary>
    /// <param name="path">ASCII that begins with a slash. It is left as it is.</param>
    /// <param name="destination">At least as long as <paramref name="path"/>; must not overlap it.</param>
    /// <param name="length">The bytes written: valid UTF-8.</param>
    /// <returns>False for an encoded NUL, which no path may hold.</returns>
    public static bool TryDecode(ReadOnlySpan<byte> path, Span<byte> destination, out int length)
    {
        if (!TryUnescape(path, destination, out length))
        {
            return false;
        }

        // After unescaping, so that "%2E%2E" is a dot segment too.
        length = RemoveDotSegments(destination[..length]);
        return true;
    }

    /// <summary>
    /// Whether <see cref="TryDecode"/> refuses the path: no escape before it can take a part of an encoded NUL, since a percent sign is no
    /// digit, and no character of several bytes holds a NUL.
    /// </summary>
    public static bool HoldsNul(ReadOnlySpan<byte> path) => path.IndexOf("%00"u8) >= 0;

    private static bool TryUnescape(ReadOnlySpan<byte> source, Span<byte> destination, out int length)
    {
        length = 0;
        while (true)
        {
            int plain = source.IndexOf((byte)'%');
            plain = plain < 0 ? source.Length : plain;
            source[..plain].CopyTo(destination[length..]);
            length += plain;
            source = source[plain..];
            if (source.IsEmpty)
            {
                return true;
            }

            int read = UnescapeCharacter(source, destination[length..], out int written);
            if (read < 0)
            {
                return false;
            }

            if (written == 0)
            {
                // No character: the percent sign and what follows it stay as they are.
                destination[length] = source[0];
                read = 1;
                written = 1;
            }

            length += written;
            source = source[read..];
        }
    }

    /// <summary>Reads one character of one to four escapes; none written if they are not well-formed UTF-8. -1 for NUL.</summary>
    private static int UnescapeCharacter(ReadOnlySpan<byte> source, Span<byte> destination, out int written)
    {
        Span<byte> character = stackalloc byte[4];
        int count = 0;
        while (count < character.Length && TryReadEscape(source[(count * 3)..], out character[count]))
        {
            count++;
        }

        written = 0;
        if (count == 0)
        {
            return 0;
        }

        if (character[0] == 0)
        {
            return -1;
        }

        // An encoded slash stays encoded: decoded, it would be one that separates segments.
        if (character[0] == '/' || Rune.DecodeFromUtf8(character[..count], out _, out int consumed) != OperationStatus.Done)
        {
            return 0;
        }

        character[..consumed].CopyTo(destination);
        written = consumed;
        return consumed * 3;
    }

    private static bool TryReadEscape(ReadOnlySpan<byte> source, out byte value)
    {
        value = 0;
        return source.Length >= 3 && source[0] == '%' && HexDigits.TryRead(source.Slice(1, 2), out value);
    }

    private static int RemoveDotSegments(Span<byte> path)
    {
        if (path.IndexOf("/."u8) < 0)
        {
            return path.Length;
        }

        int written = 0;
        int read = 0;
        while (read < path.Length)
        {
            int next = path[(read + 1)..].IndexOf((byte)'/');
            bool last = next < 0;
            int end = last ? path.Length : read + 1 + next;
            ReadOnlySpan<byte> segment = path[read..end];
            bool parent = segment.SequenceEqual("/.."u8);
            if (parent)
            {
                written = Math.Max(path[..written].LastIndexOf((byte)'/'), 0);
            }

            if (!parent && !segment.SequenceEqual("/."u8))
            {
                segment.CopyTo(path[written..]);
                written += segment.Length;
            }
            else if (last)
            {
                path[written++] = (byte)'/';
            }

            read = end;
        }

        return written;
    }
}
