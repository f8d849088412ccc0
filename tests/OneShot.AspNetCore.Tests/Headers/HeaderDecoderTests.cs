using System.Text;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using OneShot.AspNetCore.Headers;
using OneShot.AspNetCore.Tests.Wire;
using OneShot.AspNetCore.Wire;

namespace OneShot.AspNetCore.Tests.Headers;

public class HeaderDecoderTests
{
    [Theory]
    [InlineData("plain", "plain")]
    [InlineData("\u00C3\u00A9", "\u00E9")]
    [InlineData("\u00F0\u009F\u0098\u0080", "\U0001F600")]
    [InlineData("\u00E9", null)]
    [InlineData("\u00C0\u00AF", null)]
    [InlineData("\u00ED\u00A0\u0080", null)]
    [InlineData("cut \u00E2\u0082", null)]
    public void Values_are_strict_utf_8_unless_the_server_says_otherwise(string wire, string? expected)
    {
        foreach (HeaderDecoder decoder in new[] { HeaderDecoder.Default, new HeaderDecoder(null), new HeaderDecoder(new KestrelServerOptions().RequestHeaderEncodingSelector), new HeaderDecoder(_ => null) })
        {
            AssertDecodes(decoder, wire, expected);
        }
    }

    [Fact]
    public void The_default_selector_costs_no_call_for_each_header()
    {
        Assert.True(new HeaderDecoder(new KestrelServerOptions().RequestHeaderEncodingSelector).IsDefault);
        Assert.False(new HeaderDecoder(_ => null).IsDefault);
    }

    [Fact]
    public void A_selector_is_asked_by_name()
    {
        var decoder = new HeaderDecoder(name => name is "X-Test" or "Cookie" ? Encoding.Latin1 : null);
        AssertDecodes(decoder, "\u00E9", "\u00E9");
        using var request = ParsedRequest.WithHeaders("cookie: \u00E9\r\nOther: \u00E9\r\n");
        Assert.Equal("\u00E9", decoder.Decode(request.Table.Raw, 0));
        Assert.Equal(RequestRejection.UndecodableValue, decoder.Check(request.Table));
    }

    [Fact]
    public void What_only_becomes_a_line_end_in_its_encoding_is_refused()
        => AssertDecodes(new HeaderDecoder(_ => Encoding.BigEndianUnicode), "\u0061\u0062", "\u6162", new HeaderDecoder(_ => new LineEndEncoding()));

    private static void AssertDecodes(HeaderDecoder decoder, string wire, string? expected, HeaderDecoder? refusing = null)
    {
        using var request = ParsedRequest.WithHeaders($"X-Test: {wire}\r\n");
        Assert.Equal(expected is null ? RequestRejection.UndecodableValue : RequestRejection.None, decoder.Check(request.Table));
        if (expected is not null)
        {
            Assert.Equal(expected, decoder.Decode(request.Table.Raw, 0));
        }

        if (refusing is not null)
        {
            Assert.Equal(RequestRejection.UndecodableValue, refusing.Check(request.Table));
        }
    }

    /// <summary>Decodes anything to a line end, as a careless EBCDIC code page might.</summary>
    private sealed class LineEndEncoding : ASCIIEncoding
    {
        public override int GetCharCount(ReadOnlySpan<byte> bytes) => 1;

        public override int GetChars(ReadOnlySpan<byte> bytes, Span<char> chars)
        {
            chars[0] = '\n';
            return 1;
        }

        public override int GetCharCount(byte[] bytes, int index, int count) => 1;

        public override unsafe int GetCharCount(byte* bytes, int count) => 1;

        public override unsafe int GetChars(byte* bytes, int byteCount, char* chars, int charCount)
        {
            *chars = '\n';
            return 1;
        }

        public override string GetString(byte[] bytes, int byteIndex, int byteCount) => "\n";
    }
}
