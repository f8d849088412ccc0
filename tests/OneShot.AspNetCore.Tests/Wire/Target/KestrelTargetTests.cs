using System.Text;
using OneShot.AspNetCore.Wire;

namespace OneShot.AspNetCore.Tests.Wire;

/// <summary>Targets, to a stock Kestrel and to <see cref="RequestTarget"/>: the same path and query, or a stricter answer for a stated reason.</summary>
public class KestrelTargetTests
{
    private static readonly string[] s_segments =
        ["", "a", ".", "..", "...", "%2e", "%2E%2E", ".%2e", "%2F", "%2f..", "%41", "%C3%A9", "%E4%BD", "%zz", "a;b", "~", "%25", "%5C", "b+c", "%E2%82%AC%41"];

    private static IEnumerable<string> Paths =>
        s_segments.Select(one => $"/{one}")
            .Concat(from one in s_segments from two in s_segments select $"/{one}/{two}")
            .Concat(from one in s_segments from two in s_segments where (one.Length + two.Length) % 3 == 0 select $"/x/{one}/../{two}/.?q/../{one}")
            .Concat(
            [
                "/?", "/??", "/a?b?c", "/?%00", "/?a/../b", "/#", "/a#b", "/%00", "/a%00b", "/%0", "/%", "/%%", "/%4", "/%%41", "/%C0%80", "/%C1%BF",
                "/%E0%80%80", "/%E0%A0%80", "/%ED%9F%BF", "/%ED%A0%80", "/%EF%BF%BF", "/%F0%80%80%80", "/%F0%90%80%80", "/%F4%8F%BF%BF", "/%F4%90%80%80",
                "/%F8%88%80%80%80", "/%80", "/%C3", "/%C3%", "/%C3%A", "/%C3x", "/%E4%BD%A0%E5%A5%BD", "/%E4%BD%00", "/%01%7F", "/%0D%0A", "/\\..\\a", "/a\\b",
                "/!$&'()*+,;=:@-._~", "/[]{}|^`\"<>", "//", "///", "//..", "/..//", "/./", "/../", "/.a", "/a.", "/a..", "/..a", "/a/..b/c", "/a/b/c/../../../../d",
                "/" + new string('a', 2000), "/" + string.Concat(Enumerable.Repeat("../a/", 300)),
            ]);

    [Fact]
    public async Task Paths_and_queries_come_out_as_on_kestrel()
    {
        await using var kestrel = await StockKestrel.StartAsync();
        var target = new RequestTarget();
        int count = 0;
        foreach (string path in Paths)
        {
            string expected = await kestrel.AskAsync($"GET {path} HTTP/1.1\r\nHost: a\r\n");
            Assert.Equal((path, expected), (path, Answer(target, path)));
            count++;
        }

        Assert.True(count > 500);
    }

    [Theory]
    [InlineData("http://a")]
    [InlineData("http://a/")]
    [InlineData("http://a?b")]
    [InlineData("http://a:80/b/../c?d")]
    [InlineData("https://a:443/")]
    [InlineData("http://a/%41%C3%A9/%2e%2e/b?%41")]
    [InlineData("http://b/")]
    [InlineData("http://a:81/")]
    [InlineData("http:///")]
    [InlineData("HTTP://a/")]
    [InlineData("ftp://a/")]
    [InlineData("a:80")]
    [InlineData("a")]
    [InlineData("?a")]
    [InlineData("a/b")]
    public async Task Other_forms_come_out_as_on_kestrel(string form)
    {
        await using var kestrel = await StockKestrel.StartAsync();
        Assert.Equal(await kestrel.AskAsync($"GET {form} HTTP/1.1\r\nHost: a\r\n"), Answer(new RequestTarget(), form));
    }

    [Theory]
    [InlineData("http://a/x%2Fy", "200|/x/y|", "200|/x%2Fy|")] // One decoding for all forms: an encoded slash separates nothing.
    [InlineData("http://a/%00", "200|/\0|", "400")] // NUL in no form.
    [InlineData("http://a/b\\c", "200|/b/c|", "200|/b\\c|")] // A backslash is no slash (RFC 3986 3.3).
    [InlineData("http://u:p@a/", "200|/|", "400")] // RFC 9110 4.2.4.
    [InlineData("*", "405", "400")] // The asterisk is for OPTIONS (RFC 9112 3.2.4).
    [InlineData("http://a:/", "200|/|", "400")] // The same port grammar for Host and authority.
    public async Task Where_targets_differ_from_kestrel_it_is_on_purpose(string form, string onKestrel, string here)
    {
        await using var kestrel = await StockKestrel.StartAsync();
        Assert.Equal(onKestrel, await kestrel.AskAsync($"GET {form} HTTP/1.1\r\nHost: a\r\n"));
        Assert.Equal(here, Answer(new RequestTarget(), form));
    }

    private static string Answer(RequestTarget target, string form)
    {
        RequestRejection rejection = target.Parse(Encoding.ASCII.GetBytes(form), HttpMethodId.Get, "a"u8);
        return rejection == RequestRejection.None
            ? $"200|{target.Path}|{target.QueryString}"
            : RequestRejections.StatusCode(rejection).ToString(System.Globalization.CultureInfo.InvariantCulture);
    }
}
