using System.Buffers;

namespace OneShot.AspNetCore.Wire;

/// <summary>The character sets of RFC 9110 5.5 and 5.6.2, in one place.</summary>
internal static class FieldSyntax
{
    /// <summary>The bytes of a token: names, methods, codings, options.</summary>
    public static readonly SearchValues<byte> TokenBytes =
        SearchValues.Create("!#$%&'*+-.^_`|~0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"u8);

    /// <summary>The bytes that end or spoil a field value: every control character but TAB.</summary>
    public static readonly SearchValues<byte> ControlBytes = SearchValues.Create(
        "\u0000\u0001\u0002\u0003\u0004\u0005\u0006\u0007\u0008\u000A\u000B\u000C\u000D\u000E\u000F"u8 +
        "\u0010\u0011\u0012\u0013\u0014\u0015\u0016\u0017\u0018\u0019\u001A\u001B\u001C\u001D\u001E\u001F\u007F"u8);

    /// <summary>The bytes that end or spoil a field value where control characters are tolerated.</summary>
    public static readonly SearchValues<byte> LineBytes = SearchValues.Create("\u0000\r\n"u8);

    /// <summary>Whether the bytes are a token (RFC 9110 5.6.2), which is never empty.</summary>
    public static bool IsToken(ReadOnlySpan<byte> bytes) => !bytes.IsEmpty && !bytes.ContainsAnyExcept(TokenBytes);

    /// <summary>Takes optional whitespace off both ends (RFC 9110 5.6.3): space and TAB, nothing else.</summary>
    public static ReadOnlySpan<byte> TrimWhitespace(ReadOnlySpan<byte> bytes) => bytes[TrimmedRange(bytes)];

    /// <summary>What <see cref="TrimWhitespace"/> leaves, as a range; of nothing but whitespace, the empty range at the end.</summary>
    public static Range TrimmedRange(ReadOnlySpan<byte> bytes)
    {
        int start = 0;
        int end = bytes.Length;
        while (start < end && IsWhitespace(bytes[start]))
        {
            start++;
        }

        while (end > start && IsWhitespace(bytes[end - 1]))
        {
            end--;
        }

        return start..end;
    }

    /// <summary>Takes the next element off a comma-separated list (RFC 9110 5.6.1) without its whitespace; it may be empty.</summary>
    public static bool TryReadListElement(ref ReadOnlySpan<byte> rest, ref bool more, out ReadOnlySpan<byte> element)
    {
        if (!more)
        {
            element = default;
            return false;
        }

        int comma = rest.IndexOf((byte)',');
        more = comma >= 0;
        element = TrimWhitespace(more ? rest[..comma] : rest);
        rest = more ? rest[(comma + 1)..] : default;
        return true;
    }

    public static bool IsWhitespace(byte value) => value is (byte)' ' or (byte)'\t';
}
