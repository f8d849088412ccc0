using System.Text;
using OneShot.AspNetCore.Wire;

namespace OneShot.AspNetCore.Tests.Wire.Fields;

public sealed class CookieSyntaxTests
{
    [Theory]
    [InlineData("", "")]
    [InlineData("a=1", "a=1")]
    [InlineData("a=1; b=2", "a=1|b=2")]
    [InlineData("a=1;b=2", "a=1|b=2")]
    [InlineData("  a=1 ;\t b=2  ", "a=1|b=2")]
    [InlineData("a=1; a=2", "a=1|a=2")]
    [InlineData("a=", "a=")]
    [InlineData("a=\"1\"", "a=\"1\"")]
    [InlineData("a=\"\"", "a=\"\"")]
    [InlineData("a=b=c==", "a=b=c==")]
    [InlineData("a=%20+", "a=%20+")]
    [InlineData(";;a=1;;", "a=1")]
    [InlineData("a", "")]
    [InlineData("=1", "")]
    [InlineData("a; b=2", "b=2")]
    [InlineData("a =1; b=2", "b=2")]
    [InlineData("a= 1; b=2", "b=2")]
    [InlineData("a=1 2; b=2", "b=2")]
    [InlineData("a=\"; b=2", "b=2")]
    [InlineData("a=\"1; b=2", "b=2")]
    [InlineData("a=1\"; b=2", "b=2")]
    [InlineData("a=\"1\"2\"; b=2", "b=2")]
    [InlineData("a=1,2; b=2", "b=2")]
    [InlineData("a=1\\2; b=2", "b=2")]
    [InlineData("a\"b=1; b=2", "b=2")]
    [InlineData("a=\u00E4; b=2", "b=2")]
    [InlineData("a=\u0001; b=2", "b=2")]
    [InlineData("$Version=1; a=1", "$Version=1|a=1")]
    public void What_is_a_cookie_by_the_grammar_is_found_and_what_is_none_is_passed_over(string field, string expected)
    {
        var found = new List<string>();
        ReadOnlySpan<byte> rest = Encoding.UTF8.GetBytes(field);
        while (CookieSyntax.TryTake(ref rest, out ReadOnlySpan<byte> name, out ReadOnlySpan<byte> value))
        {
            found.Add($"{Encoding.UTF8.GetString(name)}={Encoding.UTF8.GetString(value)}");
        }

        Assert.Equal(expected, string.Join('|', found));
    }

    /// <summary>cookie-octet is %x21 / %x23-2B / %x2D-3A / %x3C-5B / %x5D-7E, token what RFC 9110, section 5.6.2, lists.</summary>
    [Fact]
    public void Every_byte_is_allowed_where_the_grammar_allows_it_and_nowhere_else()
    {
        for (int octet = 0; octet < 256; octet++)
        {
            bool inValue = octet is 0x21 or (>= 0x23 and <= 0x2B) or (>= 0x2D and <= 0x3A) or (>= 0x3C and <= 0x5B) or (>= 0x5D and <= 0x7E);
            bool inName = octet < 128 && (char.IsAsciiLetterOrDigit((char)octet) || "!#$%&'*+-.^_`|~".Contains((char)octet, StringComparison.Ordinal));
            Assert.Equal(inValue, Takes([(byte)'a', (byte)'=', (byte)'x', (byte)octet, (byte)'x'], 1, 3));
            Assert.Equal(inName, Takes([(byte)'a', (byte)octet, (byte)'a', (byte)'=', (byte)'x'], 3, 1));
        }

        static bool Takes(byte[] field, int nameLength, int valueLength)
        {
            ReadOnlySpan<byte> rest = field;
            return CookieSyntax.TryTake(ref rest, out ReadOnlySpan<byte> name, out ReadOnlySpan<byte> value) && name.Length == nameLength && value.Length == valueLength && rest.IsEmpty;
        }
    }
}
