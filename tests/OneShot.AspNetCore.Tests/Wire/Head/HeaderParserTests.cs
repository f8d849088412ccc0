using System.Text;
using OneShot.AspNetCore.Wire;
using static OneShot.AspNetCore.Wire.RequestRejection;

namespace OneShot.AspNetCore.Tests.Wire;

public class HeaderParserTests
{
    private const string Line = "GET / HTTP/1.1\r\n";

    public static TheoryData<string> RealHeads => [.. RealHead.Names];

    [Theory]
    [MemberData(nameof(RealHeads))]
    public void A_real_head_parses_the_same_however_it_arrives(string name)
    {
        byte[] head = RealHead.Read(name);
        ParsedHead parsed = HeadParsing.Parse(head);

        Assert.Equal(HeaderParseResult.Done, parsed.Result);
        Assert.Equal(head.Length, parsed.Length);
        string[] lines = Encoding.ASCII.GetString(head).Split("\r\n")[1..^2];
        Assert.Equal(
            lines.Select(line => line.Split(": ", 2)).Select(parts => $"{parts[0]}|{parts[1]}|False"),
            parsed.Description.Split('\n')[1..^1].Select(line => line[(line.IndexOf('|', StringComparison.Ordinal) + 1)..]));
    }

    [Theory]
    [InlineData("GET / HTTP/1.1\r\n\r\n", "Get GET / Http11\nFalse")]
    [InlineData("OPTIONS * HTTP/1.0\r\n\r\n", "Options OPTIONS * Http10\nFalse")]
    [InlineData("get /a?b HTTP/1.1\r\n\r\n", "Other get /a?b Http11\nFalse")]
    [InlineData("M-SEARCH * HTTP/1.1\r\n\r\n", "Other M-SEARCH * Http11\nFalse")]
    [InlineData("\r\n\r\nGET / HTTP/1.1\r\n\r\n", "Get GET / Http11\nFalse")]
    [InlineData("\r\n\r\n\r\n\r\n\r\n\r\n\r\n\r\nGET / HTTP/1.1\r\n\r\n", "Get GET / Http11\nFalse")]
    [InlineData("DELETE http://a:80/?q HTTP/1.1\r\na:b\r\n\r\n", "Delete DELETE http://a:80/?q Http11\nUnknown|a|b|False\nFalse")]
    public void A_request_line_is_taken_apart(string head, string expected) => AssertParses(head, expected);

    [Theory]
    [InlineData("a:\r\n", "Unknown|a||False\nFalse")]
    [InlineData("a: \t \r\n", "Unknown|a||False\nFalse")]
    [InlineData("a: b c \t\r\n", "Unknown|a|b c|False\nFalse")]
    [InlineData("a:\tb\tc\r\n", "Unknown|a|b\tc|False\nFalse")]
    [InlineData("a::b:\r\n", "Unknown|a|:b:|False\nFalse")]
    [InlineData("!#$%&'*+-.^_`|~09azAZ: x\r\n", "Unknown|!#$%&'*+-.^_`|~09azAZ|x|False\nFalse")]
    [InlineData("hOsT: h\r\n", "Host|hOsT|h|False\nFalse Host@0")]
    [InlineData("x: 1\r\ncookie: a\r\nCookie: b\r\n", "Unknown|x|1|False\nCookie|cookie|a|False\nCookie|Cookie|b|False\nFalse Cookie+@1")]
    [InlineData("a: \u00C3\u00A9\r\n", "Unknown|a|\u00C3\u00A9|True\nTrue")]
    [InlineData("a: \u00FF\r\n", "Unknown|a|\u00FF|True\nTrue")]
    public void A_header_line_is_taken_apart(string lines, string expected)
        => AssertParses($"{Line}{lines}\r\n", $"Get GET / Http11\n{expected}");

    [Theory]
    [InlineData("\n", BareLineFeed)]
    [InlineData("\r\r\n", BareCarriageReturn)]
    [InlineData("\r\n\r\n\r\n\r\n\r\n\r\n\r\n\r\n\r\n", TooManyEmptyLines)]
    [InlineData(" GET / HTTP/1.1\r\n", InvalidMethod)]
    [InlineData("G\u0000T / HTTP/1.1\r\n", InvalidMethod)]
    [InlineData("G(T / HTTP/1.1\r\n", InvalidMethod)]
    [InlineData("\u0016\u0003\u0001", InvalidMethod)]
    [InlineData("GET\t/ HTTP/1.1\r\n", InvalidMethod)]
    [InlineData("GET\r\n", InvalidRequestLine)]
    [InlineData("GET\n", BareLineFeed)]
    [InlineData("GET  / HTTP/1.1\r\n", InvalidRequestLine)]
    [InlineData("GET /\r\n", InvalidRequestLine)]
    [InlineData("GET /\n", BareLineFeed)]
    [InlineData("GET /\t HTTP/1.1\r\n", InvalidTarget)]
    [InlineData("GET /\u0000 HTTP/1.1\r\n", InvalidTarget)]
    [InlineData("GET /\u007F HTTP/1.1\r\n", InvalidTarget)]
    [InlineData("GET /?\u00E9 HTTP/1.1\r\n", InvalidTarget)]
    [InlineData("GET / \r\n", InvalidRequestLine)]
    [InlineData("GET /  HTTP/1.1\r\n", InvalidRequestLine)]
    [InlineData("GET /a b HTTP/1.1\r\n", InvalidRequestLine)]
    [InlineData("GET / HTTP/1.1 \r\n", InvalidRequestLine)]
    [InlineData("GET / HTTP/1.1\n", BareLineFeed)]
    [InlineData("GET / HTTP/1.1\rX", BareCarriageReturn)]
    [InlineData("GET / http/1.1\r\n", InvalidRequestLine)]
    [InlineData("GET / HTTP/\r\n", InvalidRequestLine)]
    [InlineData("GET / HTTP/x.1\r\n", InvalidRequestLine)]
    [InlineData("GET / FTP/1.1\r\n", InvalidRequestLine)]
    [InlineData("GET / HTTP/1\r\n", InvalidRequestLine)]
    [InlineData("GET / HTTP/1.\r\n", InvalidRequestLine)]
    [InlineData("GET / HTTP/2\r\n", InvalidRequestLine)]
    [InlineData("GET / HTTP/01.01\r\n", InvalidRequestLine)]
    [InlineData("GET / HTTP/1.01\r\n", InvalidRequestLine)]
    [InlineData("GET / HTTP/11.1\r\n", InvalidRequestLine)]
    [InlineData("GET / HTTP/1,1\r\n", InvalidRequestLine)]
    [InlineData("GET / HTTP/9.9\r\n", UnsupportedVersion)]
    [InlineData("GET / HTTP/2.0\r\n", UnsupportedVersion)]
    [InlineData("GET / HTTP/1.2\r\n", UnsupportedVersion)]
    [InlineData("GET / HTTP/0.9\r\n", UnsupportedVersion)]
    [InlineData("GET / HTTP/1.10\r\n", InvalidRequestLine)]
    [InlineData("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", UnsupportedVersion)]
    [InlineData("SSH-2.0-OpenSSH_9.2\r\n", InvalidRequestLine)]
    internal void A_malformed_request_line_is_refused(string head, RequestRejection expected) => AssertRefuses(head, expected);

    [Theory]
    [InlineData("a b\r\n", WhitespaceBeforeColon)]
    [InlineData("a : b\r\n", WhitespaceBeforeColon)]
    [InlineData("a\t: b\r\n", WhitespaceBeforeColon)]
    [InlineData(" a: b\r\n", LineFolding)]
    [InlineData("\ta: b\r\n", LineFolding)]
    [InlineData("a: b\r\n c\r\n", LineFolding)]
    [InlineData("a: b\r\n\t\r\n", LineFolding)]
    [InlineData(": b\r\n", EmptyHeaderName)]
    [InlineData("a\r\n", MissingColon)]
    [InlineData("a\n", BareLineFeed)]
    [InlineData("a: b\n", BareLineFeed)]
    [InlineData("a: b\r\n\n", BareLineFeed)]
    [InlineData("a: b\rc\r\n", BareCarriageReturn)]
    [InlineData("a: b\r\r\n", BareCarriageReturn)]
    [InlineData("a: b\r\n\rX", BareCarriageReturn)]
    [InlineData("a\u0000: b\r\n", InvalidHeaderName)]
    [InlineData("a@: b\r\n", InvalidHeaderName)]
    [InlineData("a\u007F: b\r\n", InvalidHeaderName)]
    [InlineData("\u00E9: b\r\n", InvalidHeaderName)]
    [InlineData("\"a\": b\r\n", InvalidHeaderName)]
    [InlineData("a: \u0000\r\n", ControlCharacterInValue)]
    [InlineData("a: b\u000Bc\r\n", ControlCharacterInValue)]
    [InlineData("a: b\u000Cc\r\n", ControlCharacterInValue)]
    [InlineData("a: b\u001Fc\r\n", ControlCharacterInValue)]
    [InlineData("a: b\u007Fc\r\n", ControlCharacterInValue)]
    internal void A_malformed_header_line_is_refused(string lines, RequestRejection expected)
    {
        AssertRefuses(Line + lines, expected);
        AssertRefuses($"{Line}Host: some.host.example.com\r\nAccept: text/html,application/xhtml+xml,application/xml;q=0.9\r\n{lines}", expected);
    }

    [Fact]
    public void Every_control_byte_and_every_separator_is_refused_where_it_does_not_belong()
    {
        for (int value = 0; value < 256; value++)
        {
            char character = (char)value;
            bool token = char.IsAsciiLetterOrDigit(character) || "!#$%&'*+-.^_`|~".Contains(character, StringComparison.Ordinal);
            bool text = value is '\t' or (>= 0x20 and not 0x7F);
            Assert.Equal(token || character == ':' ? HeaderParseResult.Done : HeaderParseResult.Rejected, Result($"a{character}b: c"));
            Assert.Equal(text ? HeaderParseResult.Done : HeaderParseResult.Rejected, Result($"abc: some value {character} and some more of it"));
        }

        static HeaderParseResult Result(string line) => HeadParsing.Parse($"{Line}{line}\r\n\r\n").Result;
    }

    [Fact]
    public void Nothing_behind_the_head_is_looked_at()
    {
        ParsedHead parsed = HeadParsing.Parse($"{Line}a: b\r\n\r\n\u0000\n\r");
        Assert.Equal(HeaderParseResult.Done, parsed.Result);
        Assert.Equal(Line.Length + 8, parsed.Length);
    }

    [Fact]
    public void A_head_that_has_not_ended_is_waited_for()
    {
        string head = $"\r\n{Line}Host: a\r\nb: c\r\n\r\n";
        for (int length = 0; length < head.Length; length++)
        {
            Assert.Equal(HeaderParseResult.NeedMore, HeadParsing.Parse(head[..length]).Result);
        }
    }

    private static void AssertParses(string head, string expected)
    {
        ParsedHead parsed = HeadParsing.Parse(head);
        Assert.Equal((HeaderParseResult.Done, None, head.Length, expected), (parsed.Result, parsed.Rejection, parsed.Length, parsed.Description));
    }

    private static void AssertRefuses(string head, RequestRejection expected)
    {
        ParsedHead parsed = HeadParsing.Parse(head);
        Assert.Equal((HeaderParseResult.Rejected, expected), (parsed.Result, parsed.Rejection));
        parsed = HeadParsing.Parse(head + "\r\nHost: a\r\nUser-Agent: something of some length that follows\r\n\r\n");
        Assert.Equal((HeaderParseResult.Rejected, expected), (parsed.Result, parsed.Rejection));
    }
}
