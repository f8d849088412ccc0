using System.Text;
using OneShot.AspNetCore.Wire;

namespace OneShot.AspNetCore.Tests.Wire;

/// <summary>Everything a parser said about a head, as text that two runs can be compared by.</summary>
internal sealed record ParsedHead(HeaderParseResult Result, RequestRejection Rejection, int Length, string Description)
{
    /// <summary>What <see cref="KestrelParsing.Describe"/> says of the same head.</summary>
    public string AsKestrelDescribes()
    {
        string[] lines = Description.Split('\n');
        string[] first = lines[0].Split(' ');
        int version = first[3] == nameof(HttpVersion.Http11) ? 1 : 0;
        return string.Concat(lines[1..^1].Select(line => line.Split('|', 2)[1]).Select(line => line[..line.LastIndexOf('|')] + "\n").Prepend($"{first[1]} {first[2]} {version}\n"));
    }

    public static ParsedHead From(HeaderParseResult result, HeaderParser parser, HeaderTable table, Arena arena, ReadOnlySpan<byte> buffer)
    {
        if (result != HeaderParseResult.Done)
        {
            return new ParsedHead(result, parser.Rejection, 0, "");
        }

        table.Commit(arena, buffer[..parser.HeadLength]);
        RequestLine line = parser.RequestLine;
        var text = new StringBuilder();
        text.Append(line.Method).Append(' ')
            .Append(Encoding.Latin1.GetString(line.MethodOf(table.Head))).Append(' ')
            .Append(Encoding.Latin1.GetString(line.TargetOf(table.Head))).Append(' ')
            .Append(line.Version).Append('\n');
        for (int i = 0; i < table.Count; i++)
        {
            HeaderEntry entry = table.Entries[i];
            text.Append(entry.Known).Append('|')
                .Append(Encoding.Latin1.GetString(table.NameAt(i))).Append('|')
                .Append(Encoding.Latin1.GetString(table.ValueAt(i))).Append('|')
                .Append(entry.HasNonAscii).Append('\n');
        }

        text.Append(table.HasNonAscii);
        foreach (KnownHeader known in Enum.GetValues<KnownHeader>())
        {
            if (table.Contains(known))
            {
                text.Append(' ').Append(known).Append(table.IsRepeated(known) ? "+@" : "@").Append(table.IndexOf(known));
            }
        }

        return new ParsedHead(result, RequestRejection.None, parser.HeadLength, text.ToString());
    }
}
