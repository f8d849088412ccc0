using System.Text;
using OneShot.AspNetCore.Headers;
using OneShot.AspNetCore.Wire;

namespace OneShot.Fuzzing.Targets;

/// <summary>What must be true of every head that was accepted, said once more in the plainest way.</summary>
internal static class HeadRules
{
    private const string TokenCharacters = "!#$%&'*+-.^_`|~0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

    /// <param name="parser">It has said Done.</param>
    /// <param name="table">It has the head's copy.</param>
    /// <param name="input">What was parsed.</param>
    /// <param name="limits">What it was held to.</param>
    public static void CheckAccepted(HeaderParser parser, HeaderTable table, ReadOnlySpan<byte> input, HeaderLimits limits)
    {
        ReadOnlySpan<byte> head = table.Head;
        RequestLine line = parser.RequestLine;
        Violation.Unless(head.SequenceEqual(input[..parser.HeadLength]), "The copy of the head is the head");
        Violation.Unless(head.EndsWith("\r\n\r\n"u8), "A head ends in an empty line");
        Violation.Unless(IsToken(line.MethodOf(head)), "A method is a token");
        Violation.Unless(!line.TargetOf(head).IsEmpty && !line.TargetOf(head).ContainsAnyExceptInRange((byte)'!', (byte)'~'), "A target is visible ASCII");
        CheckLimits(line, table, limits);

        int lineStart = line.TargetOffset + line.TargetLength + " HTTP/1.1\r\n".Length;
        Violation.Unless(head[..line.MethodOffset].IndexOfAnyExcept((byte)'\r', (byte)'\n') < 0, "Only empty lines precede a request line");
        for (int i = 0; i < table.Count; i++)
        {
            lineStart = CheckLine(table, i, lineStart);
        }

        Violation.Unless(lineStart == head.Length - 2, "The lines are the whole head");
        CheckMeaning(line, table);
    }

    private static void CheckLimits(in RequestLine line, HeaderTable table, HeaderLimits limits)
    {
        int lineEnd = line.TargetOffset + line.TargetLength + " HTTP/1.1\r\n".Length;
        Violation.Unless(lineEnd - line.MethodOffset <= limits.MaxRequestLineSize, "A request line keeps its limit");
        Violation.Unless(table.Head.Length - lineEnd <= limits.MaxRequestHeadersTotalSize, "Header lines keep their limit");
        Violation.Unless(table.Count <= limits.MaxRequestHeaderCount, "There are no more lines than allowed");
    }

    /// <summary>Checks one line and returns where the next one starts.</summary>
    private static int CheckLine(HeaderTable table, int index, int lineStart)
    {
        HeaderEntry entry = table.Entries[index];
        ReadOnlySpan<byte> name = table.NameAt(index);
        ReadOnlySpan<byte> value = table.ValueAt(index);
        ReadOnlySpan<byte> line = table.Head[lineStart..];
        int end = line.IndexOf("\r\n"u8);
        line = line[..end];
        Violation.Unless(entry.NameOffset == lineStart && line[name.Length] == ':', "A name begins its line and ends at the colon");
        Violation.Unless(IsToken(name), "A name is a token");
        Violation.Unless(Encoding.Latin1.GetString(line[(name.Length + 1)..]).Trim(' ', '\t') == Encoding.Latin1.GetString(value), "A value is its line without the whitespace around it");
        foreach (byte character in line)
        {
            Violation.Unless(character is (byte)'\t' or (>= 0x20 and not 0x7F), "No control character is accepted");
        }

        Violation.Unless(entry.HasNonAscii == !Ascii.IsValid(line), "A line with other bytes than ASCII is marked, and no other");
        string known = KnownHeaders.NameOf(entry.Known);
        Violation.Unless(entry.Known == KnownHeader.Unknown || known.Equals(Encoding.Latin1.GetString(name), StringComparison.OrdinalIgnoreCase), "A known header has the name it is known by");
        Violation.Unless(entry.Known == KnownHeaders.KeyOf(Encoding.Latin1.GetString(name)).Known, "A known header is always recognised");
        int first = IndexOf(table, name);
        Violation.Unless(table.IndexOf(name) == first, "Looked up, a name is found at its first line");
        return lineStart + end + 2;
    }

    private static int IndexOf(HeaderTable table, ReadOnlySpan<byte> name)
    {
        for (int i = 0; i < table.Count; i++)
        {
            if (Ascii.EqualsIgnoreCase(table.NameAt(i), name))
            {
                return i;
            }
        }

        return -1;
    }

    private static void CheckMeaning(in RequestLine line, HeaderTable table)
    {
        RequestRejection rejection = RequestFraming.TryDetermine(line, table, out RequestFraming framing);
        FramingRules.Check(rejection, framing, HeadContents.Of(line, table), line.Method);
        if (rejection != RequestRejection.None)
        {
            return;
        }

        RequestRejection fault = default(LineFaults).Find(table.Head, line, table);
        int host = table.IndexOf(KnownHeader.Host);
        RequestRejection target = new RequestTarget().Parse(line.TargetOf(table.Head), line.Method, host < 0 ? [] : table.ValueAt(host));
        Violation.Unless(
            fault == RequestRejection.None || target != RequestRejection.None || HeaderDecoder.Default.Check(table) != RequestRejection.None,
            "No line of a head that is served is refused before the head's end");
        TargetFuzz.Check(line.TargetOf(table.Head), line.Method, host < 0 ? [] : table.ValueAt(host));
        if (HeaderDecoder.Default.Check(table) == RequestRejection.None)
        {
            for (int i = 0; i < table.Count; i++)
            {
                string decoded = HeaderDecoder.Default.Decode(table.Raw, i);
                Violation.Unless(Encoding.UTF8.GetBytes(decoded).AsSpan().SequenceEqual(table.ValueAt(i)), "A value decodes to what it was");
            }
        }
    }

    private static bool IsToken(ReadOnlySpan<byte> bytes)
    {
        foreach (byte value in bytes)
        {
            if (!TokenCharacters.Contains((char)value, StringComparison.Ordinal))
            {
                return false;
            }
        }

        return !bytes.IsEmpty;
    }
}
