using OneShot.AspNetCore.Wire;

namespace OneShot.AspNetCore.Tests.Wire;

public class HeaderLimitTests
{
    private const string Line = "GET /0123456789 HTTP/1.1\r\n";
    private const string Lines = "Host: a\r\nb: c\r\n\r\n";

    [Fact]
    public void A_request_line_may_be_as_long_as_the_limit_and_not_a_byte_longer()
    {
        Assert.Equal(HeaderParseResult.Done, Parse(Line + Lines, Line.Length).Result);
        Assert.Equal(RequestRejection.RequestLineTooLong, Parse(Line + Lines, Line.Length - 1).Rejection);
        Assert.Equal(RequestRejection.RequestLineTooLong, Parse(Line[..^3], Line.Length - 3).Rejection);
    }

    [Fact]
    public void Empty_lines_before_the_request_line_do_not_count_to_its_size()
        => Assert.Equal(HeaderParseResult.Done, Parse("\r\n\r\n" + Line + Lines, Line.Length).Result);

    [Fact]
    public void Headers_may_be_as_large_as_the_limit_and_not_a_byte_larger()
    {
        Assert.Equal(HeaderParseResult.Done, Parse(Line + Lines, totalSize: Lines.Length).Result);
        Assert.Equal(HeaderParseResult.Done, Parse(Line + Lines + "and a body", totalSize: Lines.Length).Result);
        Assert.Equal(RequestRejection.HeadersTooLarge, Parse(Line + Lines, totalSize: Lines.Length - 1).Rejection);
    }

    [Fact]
    public void Headers_that_may_still_end_within_the_limit_are_waited_for()
    {
        Assert.Equal(HeaderParseResult.NeedMore, Parse(Line + Lines[..^2], totalSize: Lines.Length - 2).Result);
        Assert.Equal(RequestRejection.HeadersTooLarge, Parse(Line + Lines[..^1], totalSize: Lines.Length - 2).Rejection);
    }

    [Fact]
    public void There_may_be_as_many_headers_as_the_limit_and_not_one_more()
    {
        string head = Line + string.Concat(Enumerable.Range(0, 40).Select(i => $"x-header-{i}: {i}\r\n")) + "\r\n";
        Assert.Equal(HeaderParseResult.Done, Parse(head, count: 40).Result);
        Assert.Equal(RequestRejection.TooManyHeaders, Parse(head, count: 39).Rejection);
    }

    [Fact]
    public void What_is_wrong_first_decides()
    {
        Assert.Equal(RequestRejection.InvalidTarget, Parse("GET /\u0001" + new string('a', 100), 50).Rejection);
        Assert.Equal(RequestRejection.RequestLineTooLong, Parse("GET /" + new string('a', 100) + "\u0001", 50).Rejection);
        Assert.Equal(RequestRejection.ControlCharacterInValue, Parse(Line + "a: \u0001" + new string('a', 100), totalSize: 50).Rejection);
        Assert.Equal(RequestRejection.HeadersTooLarge, Parse(Line + "a: " + new string('a', 100) + "\u0001", totalSize: 50).Rejection);
        Assert.Equal(RequestRejection.MissingColon, Parse(Line + "a: b\r\nc\r\n\r\n", count: 1).Rejection);
    }

    [Fact]
    public void A_name_longer_than_an_entry_can_count_is_too_large()
    {
        string name = new('a', ushort.MaxValue);
        Assert.Equal(HeaderParseResult.Done, Parse($"{Line}{name}: b\r\n\r\n", totalSize: 1 << 20).Result);
        Assert.Equal(RequestRejection.HeadersTooLarge, Parse($"{Line}{name}a: b\r\n\r\n", totalSize: 1 << 20).Rejection);
    }

    [Fact]
    public void Limits_come_from_the_server()
    {
        var limits = new Microsoft.AspNetCore.Server.Kestrel.Core.KestrelServerLimits();
        Assert.Equal(new HeaderLimits(8192, 32768 + 2, 100), HeaderLimits.From(limits));
        limits.MaxRequestHeaderCount = int.MaxValue;
        Assert.Equal(HeaderLimits.HeaderCountCeiling, HeaderLimits.From(limits).MaxRequestHeaderCount);
    }

    private static ParsedHead Parse(string head, int lineSize = 8192, int totalSize = 32768, int count = 100)
        => HeadParsing.Parse(head, new HeaderLimits(lineSize, totalSize, count));
}
