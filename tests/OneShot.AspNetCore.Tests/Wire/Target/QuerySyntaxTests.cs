using System.Text;
using CsCheck;
using Microsoft.AspNetCore.WebUtilities;
using OneShot.AspNetCore.Wire;

namespace OneShot.AspNetCore.Tests.Wire.Target;

public sealed class QuerySyntaxTests
{
    [Theory]
    [InlineData("", "")]
    [InlineData("&", "")]
    [InlineData("&&&", "")]
    [InlineData("a", "a=")]
    [InlineData("a=", "a=")]
    [InlineData("a=1", "a=1")]
    [InlineData("a=1&b=2", "a=1;b=2")]
    [InlineData("&a=1&&b=2&", "a=1;b=2")]
    [InlineData("a=1&a=2&a", "a=1;a=2;a=")]
    [InlineData("=1", "=1")]
    [InlineData("=", "=")]
    [InlineData("a=b=c", "a=b=c")]
    [InlineData("a?b=c?d", "a?b=c?d")]
    [InlineData("a+b=c+d", "a b=c d")]
    [InlineData("a%2Bb=%26%3D%25", "a+b=&=%")]
    [InlineData("%61=%62", "a=b")]
    [InlineData("a=%", "a=%")]
    [InlineData("a=%4", "a=%4")]
    [InlineData("a=%zz%4g%g4", "a=%zz%4g%g4")]
    [InlineData("a=%%41", "a=%A")]
    [InlineData("a=%25%34%31", "a=%41")]
    [InlineData("a=%e2%82%ac", "a=\u20AC")]
    [InlineData("a=%00", "a=\0")]
    public void Pairs_are_taken_apart_and_decoded_once(string query, string expected) => Assert.Equal(expected, Decoded(query));

    [Theory]
    [InlineData("id", "id", true)]
    [InlineData("id", "ID", false)]
    [InlineData("id", "i", false)]
    [InlineData("i", "id", false)]
    [InlineData("%69d", "id", true)]
    [InlineData("%69d", "idd", false)]
    [InlineData("%69d", "i", false)]
    [InlineData("a+b", "a b", true)]
    [InlineData("a%2Bb", "a+b", true)]
    [InlineData("%", "%", true)]
    [InlineData("%4", "%4", true)]
    [InlineData("%4", "%", false)]
    [InlineData("", "", true)]
    [InlineData("+", "", false)]
    public void A_name_is_compared_as_it_is_decoded(string encoded, string name, bool isSame) =>
        Assert.Equal(isSame, QuerySyntax.IsSame(Encoding.ASCII.GetBytes(encoded), Encoding.ASCII.GetBytes(name)));

    /// <summary>What the framework makes of a query whose escapes are UTF-8, it makes too, but for names that differ in case alone.</summary>
    [Fact]
    public void It_reads_what_the_framework_reads()
    {
        Gen<string> pieces = FixedSeeds.OneOf("a", "b", "=", "&", "+", "%20", "%2B", "%26", "%3d", "%c3%A4", "%", "%4", "%zz", "?", "c").Array[0, 12].Select(string.Concat);
        FixedSeeds.Sample(pieces, 2000, query =>
        {
            if (query.StartsWith('?') || Decoded(query).Contains('\uFFFD', StringComparison.Ordinal))
            {
                return; // it takes off a question mark, and leaves escapes that are no UTF-8 as they are
            }

            IEnumerable<string> expected = QueryHelpers.ParseQuery(query).SelectMany(pair => pair.Value.Select(value => $"{pair.Key}={value}"));
            Assert.Equal(expected.Order(StringComparer.Ordinal), Decoded(query).Split(';', StringSplitOptions.RemoveEmptyEntries).Order(StringComparer.Ordinal));
        });
    }

    private static string Decoded(string query)
    {
        var pairs = new List<string>();
        ReadOnlySpan<byte> rest = Encoding.UTF8.GetBytes(query);
        while (QuerySyntax.TryTake(ref rest, out ReadOnlySpan<byte> name, out ReadOnlySpan<byte> value))
        {
            pairs.Add($"{Decode(name)}={Decode(value)}");
        }

        return string.Join(';', pairs);
    }

    private static string Decode(ReadOnlySpan<byte> encoded)
    {
        byte[] decoded = new byte[encoded.Length];
        decoded = decoded[..QuerySyntax.Decode(encoded, decoded)];
        Assert.True(QuerySyntax.IsSame(encoded, decoded));
        return Encoding.UTF8.GetString(decoded);
    }
}
