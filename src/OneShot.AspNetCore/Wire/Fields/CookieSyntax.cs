using System.Buffers;

namespace OneShot.AspNetCore.Wire;

/// <summary>
/// The grammar of a Cookie field: <c>cookie-pair *( ";" SP cookie-pair )</c> (RFC 6265, sections 4.1.1 and 4.2.1). White space around a pair may be more or
/// less than that; a pair that is none is passed over, and those behind it count.
/// </summary>
internal static class CookieSyntax
{
    // token, RFC 9110, section 5.6.2.
    private static readonly SearchValues<byte> s_name =
        SearchValues.Create("!#$%&'*+-.^_`|~0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"u8);

    // cookie-octet: visible ASCII but for the double quote, comma, semicolon and backslash.
    private static readonly SearchValues<byte> s_value = SearchValues.Create(
        "!#$%&'()*+-./0123456789:<=>?@ABCDEFGHIJKLMNOPQRSTUVWXYZ[]^_`abcdefghijklmnopqrstuvwxyz{|}~"u8);

    /// <summary>Takes the next pair.</summary>
    /// <param name="rest">What follows it.</param>
    /// <param name="name">A token.</param>
    /// <param name="value">As it was sent: in double quotes, if it was; it may be empty.</param>
    /// <returns>Whether there is one.</returns>
    public static bool TryTake(scoped ref ReadOnlySpan<byte> rest, out ReadOnlySpan<byte> name, out ReadOnlySpan<byte> value)
    {
        while (!rest.IsEmpty)
        {
            int end = rest.IndexOf((byte)';');
            ReadOnlySpan<byte> pair = Trim(end < 0 ? rest : rest[..end]);
            rest = end < 0 ? default : rest[(end + 1)..];
            int equals = pair.IndexOf((byte)'=');
            if (equals > 0 && IsPair(pair[..equals], pair[(equals + 1)..]))
            {
                name = pair[..equals];
                value = pair[(equals + 1)..];
                return true;
            }
        }

        name = default;
        value = default;
        return false;
    }

    private static bool IsPair(ReadOnlySpan<byte> name, ReadOnlySpan<byte> value)
    {
        bool isQuoted = value.Length >= 2 && value[0] == '"' && value[^1] == '"';
        return !name.ContainsAnyExcept(s_name) && !(isQuoted ? value[1..^1] : value).ContainsAnyExcept(s_value);
    }

    private static ReadOnlySpan<byte> Trim(ReadOnlySpan<byte> pair) => pair.Trim(" \t"u8);
}
