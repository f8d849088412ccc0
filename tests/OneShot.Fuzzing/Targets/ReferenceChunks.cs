using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;
using OneShot.AspNetCore.Wire;

namespace OneShot.Fuzzing.Targets;

/// <summary>The chunked coding (RFC 9112 7.1) over the whole input at once, with regular expressions: slow, and short enough to be read against the grammar.</summary>
/// <param name="IsDone">The body has ended.</param>
/// <param name="IsMalformed">No bytes behind the input could make it a body.</param>
/// <param name="Consumed">The bytes of a body that has ended.</param>
/// <param name="Body">The data so far.</param>
/// <param name="Trailers">The trailers of a body that has ended.</param>
internal sealed partial record ReferenceChunks(bool IsDone, bool IsMalformed, int Consumed, byte[] Body, IReadOnlyList<(string Name, string Value)> Trailers)
{
    private const string Token = @"[!#$%&'*+\-.^_`|~0-9A-Za-z]+";
    private const string Extensions = @"(?:[ \t]*;[ \t]*" + Token + @"(?:[ \t]*=[ \t]*(?:" + Token + @"|""(?:[\t \x21\x23-\x5B\x5D-\x7E\x80-\xFF]|\\[\t \x21-\x7E\x80-\xFF])*""))?)*";

    private static readonly HashSet<string> s_forbidden = new(StringComparer.OrdinalIgnoreCase)
    {
        "Content-Length", "Transfer-Encoding", "TE", "Trailer", "Host", "Connection", "Keep-Alive", "Proxy-Connection", "Upgrade", "Expect",
        "Max-Forwards", "Authorization", "Proxy-Authorization", "Cookie", "Content-Encoding", "Content-Type", "Content-Range",
    };

    public static ReferenceChunks Read(ReadOnlySpan<byte> input, HeaderLimits limits)
    {
        string text = Encoding.Latin1.GetString(input);
        var body = new MemoryStream();
        int position = 0;
        while (true)
        {
            int lineEnd = LineEnd(text, position);
            if (lineEnd < 0)
            {
                return Unfinished(body, !CanBecomeSizeLine(text[position..]));
            }

            Match line = SizeLine().Match(text[position..lineEnd]);
            if (!line.Success || !long.TryParse(line.Groups[1].Value, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out long size) || size < 0)
            {
                return Unfinished(body, isMalformed: true);
            }

            position = lineEnd + 2;
            if (size == 0)
            {
                return ReadTrailers(text, position, body, limits);
            }

            int length = (int)Math.Min(size, text.Length - position);
            body.Write(input.Slice(position, length));
            position += length;
            string end = text.Substring(position, Math.Min(2, text.Length - position));
            if (length < size || end != "\r\n")
            {
                return Unfinished(body, isMalformed: length == size && !"\r\n".StartsWith(end, StringComparison.Ordinal));
            }

            position += 2;
        }
    }

    /// <summary>A body in chunks of 7 bytes.</summary>
    public static byte[] Write(byte[] body, IReadOnlyList<(string Name, string Value)> trailers)
    {
        var wire = new StringBuilder();
        foreach (byte[] chunk in body.Chunk(7))
        {
            wire.Append(CultureInfo.InvariantCulture, $"{chunk.Length:X}\r\n{Encoding.Latin1.GetString(chunk)}\r\n");
        }

        wire.Append("0\r\n");
        foreach ((string name, string value) in trailers)
        {
            wire.Append(name).Append(':').Append(value).Append("\r\n");
        }

        return Encoding.Latin1.GetBytes(wire.Append("\r\n").ToString());
    }

    private static ReferenceChunks ReadTrailers(string text, int start, MemoryStream body, HeaderLimits limits)
    {
        var trailers = new List<(string Name, string Value)>();
        int position = start;
        while (true)
        {
            int lineEnd = LineEnd(text, position);
            bool tooLarge = (lineEnd < 0 ? text.Length : lineEnd + 2) - start > limits.MaxRequestHeadersTotalSize;
            if (lineEnd < 0 || tooLarge)
            {
                return Unfinished(body, tooLarge || !CanBecomeTrailer(text[position..]));
            }

            string line = text[position..lineEnd];
            position = lineEnd + 2;
            if (line.Length == 0)
            {
                bool forbidden = trailers.Any(trailer => s_forbidden.Contains(trailer.Name));
                return forbidden ? Unfinished(body, isMalformed: true) : new ReferenceChunks(true, false, position, body.ToArray(), trailers);
            }

            Match match = Trailer().Match(line);
            if (!match.Success || trailers.Count == limits.MaxRequestHeaderCount)
            {
                return Unfinished(body, isMalformed: true);
            }

            trailers.Add((match.Groups[1].Value, match.Groups[2].Value.Trim(' ', '\t')));
        }
    }

    private static ReferenceChunks Unfinished(MemoryStream body, bool isMalformed) => new(false, isMalformed, 0, body.ToArray(), []);

    private static int LineEnd(string text, int start) => text.IndexOf("\r\n", start, StringComparison.Ordinal);

    /// <summary>Whether some line begins like this: each of these endings completes one that could go on in that way.</summary>
    private static bool CanBecomeSizeLine(string start) =>
        start.Length == 0 || CanEndIn(start, SizeLine(), "", "0", ";a", "a", "\"", "a\"", "=a");

    private static bool CanBecomeTrailer(string start) => start.Length == 0 || start == "\r" || CanEndIn(start, Trailer(), "", ":", "a:");

    private static bool CanEndIn(string start, Regex line, params ReadOnlySpan<string> endings)
    {
        // A carriage return is the first half of the line end, and then the line must be whole.
        if (start.EndsWith('\r'))
        {
            return IsLine(start[..^1], line);
        }

        foreach (string ending in endings)
        {
            if (IsLine(start + ending, line))
            {
                return true;
            }
        }

        return false;
    }

    private static bool IsLine(string text, Regex line)
    {
        Match match = line.Match(text);
        return match.Success && (match.Groups[1].Length > 16 || !char.IsAsciiHexDigit(match.Groups[1].Value[0]) || line != SizeLine()
            || (ulong.TryParse(match.Groups[1].Value, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out ulong size) && size <= long.MaxValue));
    }

    [GeneratedRegex(@"\A([0-9A-Fa-f]{1,16})" + Extensions + @"\z")]
    private static partial Regex SizeLine();

    [GeneratedRegex(@"\A(" + Token + @"):([\t\x20-\x7E\x80-\xFF]*)\z")]
    private static partial Regex Trailer();
}
