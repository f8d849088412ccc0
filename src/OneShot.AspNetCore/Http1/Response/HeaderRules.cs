using System.Buffers;
using System.Globalization;
using System.Text;
using Microsoft.Extensions.Primitives;

namespace OneShot.AspNetCore.Http1.Response;

/// <summary>What may stand in a response field (RFC 9110 sections 5.1 and 5.5): the guard against response splitting.</summary>
internal static class HeaderRules
{
    private static readonly SearchValues<char> s_tokenCharacters = SearchValues.Create(
        "!#$%&'*+-.^_`|~0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz");

    private static readonly SearchValues<char> s_controlCharacters = SearchValues.Create(
        [.. Enumerable.Range(0, 32).Append(127).Where(c => c != '\t').Select(c => (char)c)]);

    /// <exception cref="InvalidOperationException">The name is empty or not a token.</exception>
    internal static void ThrowIfInvalidName(string name)
    {
        int index = name.AsSpan().IndexOfAnyExcept(s_tokenCharacters);
        if (index >= 0)
        {
            throw new InvalidOperationException(
                $"Invalid character in header name: 0x{(ushort)name[index]:X4}. A field name is a token (RFC 9110 section 5.1).");
        }

        if (name.Length == 0)
        {
            throw new InvalidOperationException("A header name cannot be empty.");
        }
    }

    /// <exception cref="InvalidOperationException">A value has a control character, or a character that cannot be encoded.</exception>
    internal static void ThrowIfInvalidValue(string name, StringValues values, Func<string, Encoding?> encodingSelector)
    {
        for (int i = 0; i < values.Count; i++)
        {
            ReadOnlySpan<char> value = values[i];
            int index = value.IndexOfAny(s_controlCharacters);
            if (index < 0 && !Ascii.IsValid(value) && encodingSelector(name) is null)
            {
                index = value.IndexOfAnyExceptInRange('\0', '\x7f');
            }

            if (index >= 0)
            {
                throw new InvalidOperationException($"Invalid non-ASCII or control character in header: 0x{(ushort)value[index]:X4}");
            }
        }
    }

    /// <exception cref="InvalidOperationException">The value is no single non-negative number.</exception>
    internal static long ParseContentLength(StringValues values)
    {
        if (values.Count == 1 && long.TryParse(values[0], NumberStyles.None, CultureInfo.InvariantCulture, out long length))
        {
            return length;
        }

        throw new InvalidOperationException($"Invalid Content-Length: \"{values}\". Value must be a positive integral number.");
    }

    /// <exception cref="InvalidOperationException">The reason phrase has a control character (RFC 9112 section 4).</exception>
    internal static void ThrowIfInvalidReasonPhrase(string? phrase)
    {
        if (phrase is not null && (phrase.AsSpan().ContainsAny(s_controlCharacters) || !Ascii.IsValid(phrase)))
        {
            throw new InvalidOperationException("A reason phrase must be ASCII without control characters (RFC 9112 section 4).");
        }
    }
}
