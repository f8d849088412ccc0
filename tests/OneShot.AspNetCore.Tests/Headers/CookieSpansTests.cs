using System.Text;
using OneShot.AspNetCore.Headers;
using OneShot.AspNetCore.Tests.Wire;

namespace OneShot.AspNetCore.Tests.Headers;

public sealed class CookieSpansTests
{
    private const string Lines = "Host: a\r\nCookie: a=1; b=2\r\nX-Other: c=3\r\ncookie:\r\nCOOKIE: bad; a=4; c=\r\n";

    [Fact]
    public void Cookies_of_several_lines_are_found_in_the_order_they_were_sent()
    {
        using var request = ParsedRequest.WithHeaders(Lines);
        var found = new List<string>();
        foreach ((ReadOnlySpan<byte> name, ReadOnlySpan<byte> value) in Cookies(request))
        {
            found.Add($"{Encoding.ASCII.GetString(name)}={Encoding.ASCII.GetString(value)}");
        }

        Assert.Equal("a=1|b=2|a=4|c=", string.Join('|', found));
    }

    [Fact]
    public void The_first_of_a_name_counts_and_all_of_them_can_be_had()
    {
        using var request = ParsedRequest.WithHeaders(Lines);
        CookieSpans cookies = Cookies(request);

        Assert.True(cookies["a"u8].SequenceEqual("1"u8));
        Assert.True(cookies["b"u8].SequenceEqual("2"u8));
        Assert.True(cookies.TryGetValue("c"u8, out ReadOnlySpan<byte> empty) && empty.IsEmpty);
        Assert.False(cookies.TryGetValue("A"u8, out _));
        Assert.False(cookies.TryGetValue("bad"u8, out _));
        Assert.False(cookies.TryGetValue(""u8, out _));
        var values = new List<string>();
        foreach (ReadOnlySpan<byte> value in cookies.GetValues("a"u8))
        {
            values.Add(Encoding.ASCII.GetString(value));
        }

        Assert.Equal(["1", "4"], values);
    }

    [Fact]
    public void A_request_without_cookies_and_the_default_value_have_none()
    {
        using var request = ParsedRequest.WithHeaders("Host: a\r\n");

        Assert.False(Cookies(request).GetEnumerator().MoveNext());
        Assert.True(Cookies(request)["a"u8].IsEmpty);
        Assert.True(default(CookieSpans)["a"u8].IsEmpty);
    }

    [Fact]
    public void They_go_on_when_the_head_leaves_the_arena_and_refuse_when_the_request_is_over()
    {
        using var request = ParsedRequest.WithHeaders(Lines);
        CookieSpans cookies = Cookies(request);
        CookieSpans.Enumerator enumerator = cookies.GetEnumerator();
        Assert.True(enumerator.MoveNext());
        request.Table.LeaveArena();
        request.Arena.Reset();
        Assert.True(enumerator.MoveNext() && enumerator.Current.Name.SequenceEqual("b"u8));
        Assert.True(cookies["a"u8].SequenceEqual("1"u8));

        request.Table.Clear();
        Assert.True(Refuses(cookies));
    }

    private static CookieSpans Cookies(ParsedRequest request) => new(request.Table.Spans.Lines);

    private static bool Refuses(CookieSpans cookies)
    {
        try
        {
            return cookies["a"u8].Length < 0;
        }
        catch (ObjectDisposedException)
        {
            return true;
        }
    }
}
