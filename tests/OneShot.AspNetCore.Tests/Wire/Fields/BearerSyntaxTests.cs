using System.Text;
using OneShot.AspNetCore.Wire;

namespace OneShot.AspNetCore.Tests.Wire.Fields;

public sealed class BearerSyntaxTests
{
    [Theory]
    [InlineData("Bearer abc", "abc")]
    [InlineData("bearer abc", "abc")]
    [InlineData("BEARER abc", "abc")]
    [InlineData("Bearer    abc", "abc")]
    [InlineData("Bearer a", "a")]
    [InlineData("Bearer aZ09-._~+/", "aZ09-._~+/")]
    [InlineData("Bearer eyJhbGciOiJSUzI1NiJ9.e30.c2ln==", "eyJhbGciOiJSUzI1NiJ9.e30.c2ln==")]
    [InlineData("Bearer a=", "a=")]
    [InlineData("Bearer", "")]
    [InlineData("Bearer ", "")]
    [InlineData("Bearer =", "")]
    [InlineData("Bearer a=b", "")]
    [InlineData("Bearer a b", "")]
    [InlineData("Bearer a ", "")]
    [InlineData("Bearer a,b", "")]
    [InlineData("Bearer \ta", "")]
    [InlineData("Bearer\ta", "")]
    [InlineData("Bearer \"a\"", "")]
    [InlineData("Bearer \u00E4", "")]
    [InlineData("Bearera", "")]
    [InlineData(" Bearer a", "")]
    [InlineData("Basic YTpi", "")]
    [InlineData("Bearers a", "")]
    [InlineData("", "")]
    public void A_token_is_what_RFC_6750_says(string credentials, string token) =>
        Assert.Equal(token, Encoding.UTF8.GetString(BearerSyntax.TokenOf(Encoding.UTF8.GetBytes(credentials))));
}
