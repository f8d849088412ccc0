namespace OneShot.AspNetCore.Wire;

/// <summary>
/// The pairs of a query as forms send them, <c>application/x-www-form-urlencoded</c> (URL standard, section 5.1): <c>name=value</c>, joined by
/// <c>&amp;</c>; a plus sign is a space, then percent escapes are bytes (RFC 3986, section 2.1). What is no escape stays as it is.
/// </summary>
internal static class QuerySyntax
{
    /// <summary>Takes the next pair. Empty ones, as between two ampersands, are none.</summary>
    /// <param name="rest">What follows it.</param>
    /// <param name="name">Encoded; it may be empty.</param>
    /// <param name="value">Encoded; empty where there is no equals sign.</param>
    /// <returns>Whether there is one.</returns>
    public static bool TryTake(scoped ref ReadOnlySpan<byte> rest, out ReadOnlySpan<byte> name, out ReadOnlySpan<byte> value)
    {
        rest = rest.TrimStart((byte)'&');
        if (rest.IsEmpty)
        {
            name = default;
            value = default;
            return false;
        }

        int end = rest.IndexOf((byte)'&');
        ReadOnlySpan<byte> pair = end < 0 ? rest : rest[..end];
        rest = end < 0 ? default : rest[(end + 1)..];
        int equals = pair.IndexOf((byte)'=');
        name = equals < 0 ? pair : pair[..equals];
        value = equals < 0 ? default : pair[(equals + 1)..];
        return true;
    }

    /// <summary>Whether decoding changes nothing.</summary>
    public static bool IsPlain(ReadOnlySpan<byte> encoded) => encoded.IndexOfAny((byte)'%', (byte)'+') < 0;

    /// <summary>Whether the bytes are those, once decoded.</summary>
    public static bool IsSame(ReadOnlySpan<byte> encoded, ReadOnlySpan<byte> decoded)
    {
        if (IsPlain(encoded))
        {
            return encoded.SequenceEqual(decoded);
        }

        int at = 0;
        foreach (byte expected in decoded)
        {
            if (at == encoded.Length || Next(encoded, ref at) != expected)
            {
                return false;
            }
        }

        return at == encoded.Length;
    }

    /// <summary>Decodes.</summary>
    /// <param name="encoded">Left as it is.</param>
    /// <param name="destination">At least as long.</param>
    /// <returns>Bytes written.</returns>
    public static int Decode(ReadOnlySpan<byte> encoded, Span<byte> destination)
    {
        int written = 0;
        int at = 0;
        while (at < encoded.Length)
        {
            destination[written++] = Next(encoded, ref at);
        }

        return written;
    }

    private static byte Next(ReadOnlySpan<byte> encoded, ref int at)
    {
        byte first = encoded[at++];
        if (first == '%' && encoded.Length - at >= 2 && HexDigits.TryRead(encoded.Slice(at, 2), out byte escaped))
        {
            at += 2;
            return escaped;
        }

        return first == '+' ? (byte)' ' : first;
    }
}
