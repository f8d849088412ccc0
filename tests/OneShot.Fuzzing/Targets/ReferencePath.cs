using System.Text;

namespace OneShot.Fuzzing.Targets;

/// <summary>Percent-decoding and dot segments (RFC 3986 2.4, 5.2.4) with strings and lists, to compare the fast one with.</summary>
internal static class ReferencePath
{
    private static readonly UTF8Encoding s_strict = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    /// <summary>The path an application is to see, or null when it must not be seen.</summary>
    public static string? Decode(string path)
    {
        var text = new StringBuilder();
        for (int i = 0; i < path.Length;)
        {
            if (Escapes(path, i) is { Length: > 0 } bytes)
            {
                if (bytes[0] == 0)
                {
                    return null;
                }

                if (bytes[0] != '/' && FirstCharacter(bytes, out int count) is { } character)
                {
                    text.Append(character);
                    i += count * 3;
                    continue;
                }
            }

            text.Append(path[i++]);
        }

        return RemoveDotSegments(text.ToString());
    }

    /// <summary>The bytes of up to four escapes in a row.</summary>
    private static byte[] Escapes(string path, int start)
    {
        var bytes = new List<byte>();
        for (int i = start; bytes.Count < 4 && i + 2 < path.Length && path[i] == '%'; i += 3)
        {
            if (!char.IsAsciiHexDigit(path[i + 1]) || !char.IsAsciiHexDigit(path[i + 2]))
            {
                break;
            }

            bytes.Add(Convert.FromHexString(path.AsSpan(i + 1, 2))[0]);
        }

        return [.. bytes];
    }

    /// <summary>The one character that the fewest of the bytes make.</summary>
    private static string? FirstCharacter(byte[] bytes, out int count)
    {
        for (count = 1; count <= bytes.Length; count++)
        {
            try
            {
                return s_strict.GetString(bytes, 0, count);
            }
            catch (DecoderFallbackException)
            {
                // Not a character yet.
            }
        }

        return null;
    }

    private static string RemoveDotSegments(string path)
    {
        string[] segments = path.Split('/')[1..];
        var kept = new List<string>();
        for (int i = 0; i < segments.Length; i++)
        {
            if (segments[i] == ".." && kept.Count > 0)
            {
                kept.RemoveAt(kept.Count - 1);
            }

            if (segments[i] is not ("." or ".."))
            {
                kept.Add(segments[i]);
            }
            else if (i == segments.Length - 1)
            {
                kept.Add("");
            }
        }

        return kept.Count == 0 ? "/" : "/" + string.Join('/', kept);
    }
}
