using System.Buffers;

namespace OneShot.AspNetCore.Wire;

/// <summary>
/// Whether a content type is JSON in UTF-8: <c>application/json</c> or a type with the suffix <c>+json</c> (RFC 6838, section 4.2.8), without a charset or
/// with that one (RFC 8259, section 8.1: nothing else is allowed between systems).
/// </summary>
internal static class JsonMediaType
{
    private static readonly SearchValues<char> s_token =
        SearchValues.Create("!#$%&'*+-.^_`|~0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz");

    /// <summary>Reads <c>type "/" subtype *( OWS ";" OWS [ parameter ] )</c> (RFC 9110, sections 8.3.1 and 5.6.6).</summary>
    public static bool IsJson(ReadOnlySpan<char> contentType)
    {
        int end = contentType.IndexOf(';');
        ReadOnlySpan<char> type = Trim(end < 0 ? contentType : contentType[..end]);
        ReadOnlySpan<char> rest = end < 0 ? default : contentType[(end + 1)..];
        while (!rest.IsEmpty)
        {
            if (!TryTakeParameter(ref rest, out ReadOnlySpan<char> name, out ReadOnlySpan<char> value))
            {
                return false;
            }

            if (IsSame(name, "charset") && !IsSame(value, "utf-8"))
            {
                return false;
            }
        }

        return IsJsonType(type);
    }

    private static bool IsJsonType(ReadOnlySpan<char> type)
    {
        int slash = type.IndexOf('/');
        if (slash < 0)
        {
            return false;
        }

        ReadOnlySpan<char> main = type[..slash];
        ReadOnlySpan<char> sub = type[(slash + 1)..];
        if (!IsToken(main) || !IsToken(sub))
        {
            return false;
        }

        return (IsSame(main, "application") && IsSame(sub, "json"))
            || (sub.Length > "+json".Length && sub.EndsWith("+json", StringComparison.OrdinalIgnoreCase));
    }

    private static bool TryTakeParameter(ref ReadOnlySpan<char> rest, out ReadOnlySpan<char> name, out ReadOnlySpan<char> value)
    {
        name = default;
        value = default;
        rest = rest.TrimStart(" \t");
        if (rest.IsEmpty || rest[0] == ';')
        {
            rest = rest.IsEmpty ? rest : rest[1..];
            return true; // an empty one is allowed
        }

        int equals = rest.IndexOf('=');
        if (equals < 0)
        {
            return false;
        }

        name = rest[..equals];
        rest = rest[(equals + 1)..];
        int length = rest.IsEmpty || rest[0] != '"' ? rest.IndexOfAnyExcept(s_token) : LengthOfQuoted(rest);
        length = length < 0 && (rest.IsEmpty || rest[0] != '"') ? rest.Length : length;
        if (!IsToken(name) || length <= 0)
        {
            return false;
        }

        value = rest[0] == '"' ? rest[1..(length - 1)] : rest[..length];
        rest = rest[length..].TrimStart(" \t");
        if (!rest.IsEmpty && rest[0] != ';')
        {
            return false;
        }

        rest = rest.IsEmpty ? rest : rest[1..];
        return true;
    }

    /// <summary>With its quotes; -1 where the second is missing.</summary>
    private static int LengthOfQuoted(ReadOnlySpan<char> text)
    {
        for (int i = 1; i < text.Length; i++)
        {
            if (text[i] == '"')
            {
                return i + 1;
            }

            i += text[i] == '\\' ? 1 : 0;
        }

        return -1;
    }

    private static bool IsToken(ReadOnlySpan<char> text) => !text.IsEmpty && !text.ContainsAnyExcept(s_token);

    private static ReadOnlySpan<char> Trim(ReadOnlySpan<char> text) => text.Trim(" \t");

    private static bool IsSame(ReadOnlySpan<char> text, string other) => text.Equals(other, StringComparison.OrdinalIgnoreCase);
}
