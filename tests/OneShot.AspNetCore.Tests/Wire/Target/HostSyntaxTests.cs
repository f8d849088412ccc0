using System.Text;
using OneShot.AspNetCore.Wire;

namespace OneShot.AspNetCore.Tests.Wire;

public class HostSyntaxTests
{
    [Theory]
    [InlineData("a", "a", "")]
    [InlineData("EXAMPLE.com:8080", "EXAMPLE.com", "8080")]
    [InlineData("127.0.0.1:1", "127.0.0.1", "1")]
    [InlineData("[::1]", "[::1]", "")]
    [InlineData("[2001:db8::1.2.3.4]:443", "[2001:db8::1.2.3.4]", "443")]
    [InlineData("a_b~c-d.e!$&'()", "a_b~c-d.e!$&'()", "")]
    public void A_host_splits_into_name_and_port(string host, string name, string port)
    {
        Assert.True(HostSyntax.TrySplit(Encoding.Latin1.GetBytes(host), out ReadOnlySpan<byte> actualName, out ReadOnlySpan<byte> actualPort));
        Assert.Equal((name, port), (Encoding.Latin1.GetString(actualName), Encoding.Latin1.GetString(actualPort)));
    }

    [Theory]
    [InlineData("")]
    [InlineData(":80")]
    [InlineData("a:")]
    [InlineData("a:b")]
    [InlineData("a:1:2")]
    [InlineData("a:-1")]
    [InlineData("a@b")]
    [InlineData("a,b")]
    [InlineData("a b")]
    [InlineData("a/b")]
    [InlineData("a?b")]
    [InlineData("a#b")]
    [InlineData("a\\b")]
    [InlineData("a%41")]
    [InlineData("a\u00E9")]
    [InlineData("[::1")]
    [InlineData("::1")]
    [InlineData("[1]")]
    [InlineData("[]")]
    [InlineData("[::1]x")]
    [InlineData("[::g]")]
    [InlineData("[::1]]")]
    [InlineData("[::1]:")]
    public void Anything_else_is_no_host(string host) => Assert.False(HostSyntax.IsValid(Encoding.Latin1.GetBytes(host)));

    [Theory]
    [InlineData("a", "A", true)]
    [InlineData("a:80", "a", true)]
    [InlineData("a", "a:0080", true)]
    [InlineData("a:81", "a", false)]
    [InlineData("a", "b", false)]
    [InlineData("[::1]:80", "[::1]", true)]
    [InlineData("a", "", false)]
    public void Authorities_compare_by_name_and_effective_port(string left, string right, bool expected)
        => Assert.Equal(expected, HostSyntax.AreSame(Encoding.Latin1.GetBytes(left), Encoding.Latin1.GetBytes(right), "80"u8));
}
