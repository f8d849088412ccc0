using System.Globalization;
using System.Text;

namespace OneShot.Differential.Tests.Corpus;

/// <summary>
/// Bytes as the corpus files write them: <c>¶</c> is CRLF, <c>\r \n \t \0 \\ \{ \xHH</c> are what they are in C,
/// <c>{a*300}</c> is a text so many times, and every other character is itself in UTF-8.
/// </summary>
internal static class CorpusText
{
    internal static byte[] ToBytes(string text)
    {
        var bytes = new MemoryStream();
        for (int i = 0; i < text.Length; i++)
        {
            switch (text[i])
            {
                case '¶':
                    bytes.Write("\r\n"u8);
                    break;
                case '{':
                    int end = text.IndexOf('}', i);
                    int star = text.LastIndexOf('*', end);
                    byte[] repeated = ToBytes(text[(i + 1)..star]);
                    for (int n = int.Parse(text.AsSpan(star + 1, end - star - 1), NumberStyles.None, CultureInfo.InvariantCulture); n > 0; n--)
                    {
                        bytes.Write(repeated);
                    }

                    i = end;
                    break;
                case '\\' when text[i + 1] == 'x':
                    bytes.WriteByte(byte.Parse(text.AsSpan(i + 2, 2), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture));
                    i += 3;
                    break;
                case '\\':
                    bytes.WriteByte(Escaped(text[++i]));
                    break;
                default:
                    int length = char.IsHighSurrogate(text[i]) ? 2 : 1;
                    bytes.Write(Encoding.UTF8.GetBytes(text.Substring(i, length)));
                    i += length - 1;
                    break;
            }
        }

        return bytes.ToArray();
    }

    /// <summary>The bytes in the same notation, so that a failure can be pasted into the corpus.</summary>
    internal static string FromBytes(ReadOnlySpan<byte> bytes)
    {
        var text = new StringBuilder();
        for (int i = 0; i < bytes.Length; i++)
        {
            if (bytes[i] == '\r' && i + 1 < bytes.Length && bytes[i + 1] == '\n')
            {
                text.Append('¶');
                i++;
                continue;
            }

            text.Append(bytes[i] switch
            {
                (byte)'\r' => "\\r",
                (byte)'\n' => "\\n",
                (byte)'\t' => "\\t",
                (byte)'\\' => "\\\\",
                (byte)'{' => "\\{",
                >= 0x20 and < 0x7F => ((char)bytes[i]).ToString(),
                _ => $"\\x{bytes[i]:X2}",
            });
        }

        return text.ToString();
    }

    private static byte Escaped(char letter) => letter switch
    {
        'r' => (byte)'\r',
        'n' => (byte)'\n',
        't' => (byte)'\t',
        '0' => 0,
        '\\' or '{' => (byte)letter,
        _ => throw new FormatException($"\\{letter} is no escape of the corpus."),
    };
}
