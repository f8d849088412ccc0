using System.Text;
using CsCheck;

namespace OneShot.AspNetCore.Tests.Wire;

/// <summary>Heads from the grammar, each part mostly right and sometimes wrong, and heads broken byte by byte.</summary>
internal static class HostileHead
{
    private static readonly Gen<string> s_lineEnd = Often("\r\n", FixedSeeds.OneOf("\n", "\r", "\r\r\n", "\n\r", "\r\n\r\n", ""));

    private static readonly Gen<string> s_text = Gen.Select(Gen.Int[0, 90], Gen.Int[0, 25], (length, letter) => new string((char)('a' + letter), length));

    private static readonly Gen<string> s_byte = Gen.Int[0, 255].Select(value => ((char)value).ToString());

    private static readonly Gen<string> s_method =
        Often(FixedSeeds.OneOf("GET", "POST", "HEAD", "PUT", "OPTIONS", "CONNECT", "DELETE", "PATCH", "TRACE", "get", "M-SEARCH"), FixedSeeds.OneOf("", " GET", "G\tT", "G\u0000T", "\u0016\u0003", "G(T"));

    private static readonly Gen<string> s_target =
        Often(Gen.Select(FixedSeeds.OneOf("/", "/a/b?c=d", "*", "http://a/", "a:80", "/%41"), s_text, (form, text) => form + text), FixedSeeds.OneOf("", "/ ", "/a b", "/\u00E9", "/\u0000", "/\t", "\r"));

    private static readonly Gen<string> s_version =
        Often(FixedSeeds.OneOf("HTTP/1.1", "HTTP/1.0"), FixedSeeds.OneOf("", "HTTP/2.0", "HTTP/1.1 ", "http/1.1", "HTTP/1.", "HTTP/1.2", "X"));

    private static readonly Gen<string> s_name =
        Often(
            Gen.OneOf(FixedSeeds.OneOf("Host", "Cookie", "Accept-Language", "content-length", "Transfer-Encoding", "X-Request-Id", "sec-ch-ua-platform", "a", "x-a-name-of-more-than-thirty-two-bytes-in-all"), s_text.Select(text => text + "x")),
            Gen.OneOf(FixedSeeds.OneOf("", " a", "\ta", "a ", "a b", "\"a\"", "a\u0000", "\u00E9"), Gen.Select(s_byte, s_text, (value, text) => text + value)));

    private static readonly Gen<string> s_space = Often("", FixedSeeds.OneOf(" ", "  ", "\t", " \t \t", new string(' ', 40)));

    private static readonly Gen<string> s_value =
        Gen.Select(s_space, Often(s_text, Gen.Select(s_text, Gen.OneOf(FixedSeeds.OneOf("\t", "\u00C3\u00A9", "\u00FF", ":", "\r\n x", "\u0000"), s_byte), s_text, (before, between, after) => before + between + after)), s_space, (before, text, after) => before + text + after);

    private static readonly Gen<string> s_line =
        Gen.Select(s_name, Often(":", FixedSeeds.OneOf("", " :", "::", ";")), Often(" ", ""), s_value, s_lineEnd, (name, colon, space, value, end) => name + colon + space + value + end);

    private static readonly Gen<string> s_requestLine =
        Gen.Select(Often("", FixedSeeds.OneOf("\r\n", "\r\n\r\n", "\n", "\r")), s_method, s_target, s_version, s_lineEnd, (empty, method, target, version, end) => $"{empty}{method} {target} {version}{end}");

    private static readonly Gen<byte[]> s_fromGrammar =
        Gen.Select(s_requestLine, s_line.Array[0, 24], Often("\r\n", FixedSeeds.OneOf("", "\n", "\r", "\r\nbody", "\r\nGET / HTTP/1.1\r\n\r\n")), (line, lines, end) => Encoding.Latin1.GetBytes(line + string.Concat(lines) + end));

    private static readonly Gen<byte[]> s_broken =
        Gen.Select(FixedSeeds.OneOf(RealHead.Names.Select(RealHead.Read).ToArray()), Gen.Select(Gen.Int[0, 10_000], Gen.Int[0, 3], Gen.Byte).Array[0, 4], Break);

    /// <summary>Half from the grammar, half real heads with bytes changed, put in, taken out or cut off.</summary>
    public static readonly Gen<byte[]> Generator = Gen.OneOf(s_fromGrammar, s_broken);

    /// <summary>Mostly the first, one time in sixty the second: a head of many parts is then as often right as wrong.</summary>
    private static Gen<string> Often(Gen<string> usual, Gen<string> rare) => Gen.Frequency((60, usual), (1, rare));

    private static Gen<string> Often(string usual, Gen<string> rare) => Often(Gen.Const(usual), rare);

    private static Gen<string> Often(string usual, string rare) => Often(Gen.Const(usual), Gen.Const(rare));

    private static byte[] Break(byte[] head, (int Position, int Kind, byte Value)[] changes)
    {
        var bytes = new List<byte>(head);
        foreach ((int position, int kind, byte value) in changes)
        {
            int at = position % Math.Max(1, bytes.Count);
            switch (kind)
            {
                case 0 when bytes.Count > 0:
                    bytes[at] = value;
                    break;
                case 1:
                    bytes.Insert(at, value);
                    break;
                case 2 when bytes.Count > 0:
                    bytes.RemoveAt(at);
                    break;
                default:
                    bytes.RemoveRange(at, Math.Min(bytes.Count - at, value % 8));
                    break;
            }
        }

        return [.. bytes];
    }
}
