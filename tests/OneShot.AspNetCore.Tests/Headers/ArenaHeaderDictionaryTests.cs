using Microsoft.Extensions.Primitives;
using OneShot.AspNetCore.Headers;
using OneShot.AspNetCore.Tests.Wire;

namespace OneShot.AspNetCore.Tests.Headers;

public class ArenaHeaderDictionaryTests
{
    private const string Lines = "host: a\r\nX-Tag: one\r\nUser-Agent: test\r\nContent-Length: 12\r\nx-tag: two\r\nX-Empty:\r\n";

    [Fact]
    public void Values_are_found_by_a_name_in_any_case()
    {
        using var request = ParsedRequest.WithHeaders(Lines);
        IHeaderDictionary headers = new ArenaHeaderDictionary(request.Table, HeaderDecoder.Default, new HeaderStringCache());
        Assert.Equal("a", headers.Host);
        Assert.Equal("test", headers["USER-agent"]);
        Assert.Equal(new StringValues(["one", "two"]), headers["x-Tag"]);
        Assert.Equal(StringValues.Empty, headers["absent"]);
        Assert.Equal(StringValues.Empty, headers.Cookie);
        Assert.True(headers.TryGetValue("x-empty", out StringValues empty));
        Assert.Equal("", empty);
        Assert.Equal(12, headers.ContentLength);
        Assert.Equal(5, headers.Count);
        Assert.Throws<KeyNotFoundException>(() => ((IDictionary<string, StringValues>)headers)["absent"]);
    }

    [Fact]
    public void Names_come_once_in_wire_order_and_the_known_ones_in_their_usual_spelling()
    {
        using var request = ParsedRequest.WithHeaders(Lines);
        var headers = new ArenaHeaderDictionary(request.Table, HeaderDecoder.Default, new HeaderStringCache()) { ["added"] = "x", ["user-agent"] = "changed" };
        headers.Remove("content-length");
        Assert.Equal(["Host", "X-Tag", "User-Agent", "X-Empty", "added"], headers.Keys);
        Assert.Equal(["a", "one,two", "changed", "", "x"], headers.Values.Select(value => value.ToString()));
        Assert.Equal(5, headers.Count);
    }

    [Fact]
    public void The_table_shows_what_was_sent_whatever_is_changed()
    {
        using var request = ParsedRequest.WithHeaders(Lines);
        var headers = new ArenaHeaderDictionary(request.Table, HeaderDecoder.Default, new HeaderStringCache()) { ["Host"] = "b" };
        headers.Clear();
        Assert.Empty(headers);
        Assert.True(request.Table.Spans["host"u8].SequenceEqual("a"u8));
    }

    [Fact]
    public void A_string_is_made_once_a_request()
    {
        using var request = ParsedRequest.WithHeaders(Lines);
        var headers = new ArenaHeaderDictionary(request.Table, HeaderDecoder.Default, new HeaderStringCache());
        Assert.Same((string?)headers["user-agent"], (string?)headers["User-Agent"]);
        Assert.Same(headers["x-tag"][1], headers["x-tag"][1]);
    }

    [Fact]
    public void Short_strings_are_shared_between_connections_but_for_what_is_or_may_be_a_credential()
    {
        byte[] head = "GET / HTTP/1.1\r\nUser-Agent: test\r\nX-Region: eu-west\r\nCookie: id=1\r\nAuthorization: Bearer x\r\n\r\n"u8.ToArray();
        using ParsedRequest here = ParsedRequest.WithHeaders(Lines), there = ParsedRequest.WithHeaders(Lines);
        here.Parse(head);
        there.Parse(head);

        // The random key of one cache in 4,096 has the two strings forget each other's first appearance: not of three in a row.
        string[] shared = [.. Enumerable.Range(0, 3).SelectMany(_ => SharedBy(new HeaderStringCache())).Distinct().Order(StringComparer.Ordinal)];

        Assert.Equal(["User-Agent", "name of X-Region"], shared);

        IEnumerable<string> SharedBy(HeaderStringCache strings)
        {
            _ = ReadAll(new ArenaHeaderDictionary(here.Table, HeaderDecoder.Default, strings)); // seen once
            Dictionary<string, string?> first = ReadAll(new ArenaHeaderDictionary(here.Table, HeaderDecoder.Default, strings));
            Dictionary<string, string?> second = ReadAll(new ArenaHeaderDictionary(there.Table, HeaderDecoder.Default, strings));

            Assert.Equal(first, second);
            IEnumerable<string> values = first.Where(pair => ReferenceEquals(pair.Value, second[pair.Key])).Select(pair => pair.Key);
            bool isNameShared = ReferenceEquals(first.Keys.Single(name => name == "X-Region"), second.Keys.Single(name => name == "X-Region"));
            return isNameShared ? values.Append("name of X-Region") : values;
        }

        static Dictionary<string, string?> ReadAll(ArenaHeaderDictionary headers) =>
            headers.ToDictionary(pair => pair.Key, pair => (string?)pair.Value, StringComparer.Ordinal);
    }

    [Fact]
    public void The_string_of_a_known_header_outlives_the_request_while_its_bytes_stay_the_same()
    {
        using var request = ParsedRequest.WithHeaders(Lines);
        var headers = new ArenaHeaderDictionary(request.Table, HeaderDecoder.Default, new HeaderStringCache());
        var wasteful = new ArenaHeaderDictionary(request.Table, HeaderDecoder.Default, strings: null);
        string? first = headers["User-Agent"];
        string? firstWasteful = wasteful["User-Agent"];
        string? unknown = headers["x-empty"];

        headers.Reset();
        wasteful.Reset();
        request.Parse("GET / HTTP/1.1\r\nUser-Agent: test\r\n\r\n"u8.ToArray());
        Assert.Same(first, (string?)headers["User-Agent"]);
        Assert.NotSame(firstWasteful, (string?)wasteful["User-Agent"]);
        Assert.Equal("", unknown);
        Assert.Empty(headers["x-empty"].ToArray());

        headers.Reset();
        request.Parse("GET / HTTP/1.1\r\nUser-Agent: tesT\r\n\r\n"u8.ToArray());
        Assert.Equal("tesT", headers["User-Agent"]);
    }

    [Fact]
    public void Nothing_of_one_request_is_seen_in_the_next()
    {
        using var request = ParsedRequest.WithHeaders(Lines);
        var headers = new ArenaHeaderDictionary(request.Table, HeaderDecoder.Default, new HeaderStringCache()) { ["added"] = "x" };
        headers.Remove("Host");
        _ = headers["X-Tag"];

        headers.Reset();
        request.Parse("GET / HTTP/1.1\r\nhost: b\r\nx-other: y\r\n\r\n"u8.ToArray());
        Assert.Equal("Host=b;x-other=y", string.Join(';', headers.Select(item => $"{item.Key}={item.Value}")));
        Assert.False(headers.ContainsKey("X-Tag"));
    }

    [Fact]
    public void Nothing_is_allocated_until_a_string_is_asked_for()
    {
        using var request = ParsedRequest.WithHeaders(Lines);
        var headers = new ArenaHeaderDictionary(request.Table, HeaderDecoder.Default, new HeaderStringCache());
        Use();
        long before = GC.GetAllocatedBytesForCurrentThread();
        Use();
        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);

        void Use()
        {
            _ = headers.ContainsKey("X-Tag") && headers.ContainsKey("Cookie");
            _ = headers.Count;
            headers.Reset();
        }
    }

    [Fact]
    public void An_odd_name_is_simply_not_there()
    {
        using var request = ParsedRequest.WithHeaders(Lines);
        var headers = new ArenaHeaderDictionary(request.Table, HeaderDecoder.Default, new HeaderStringCache());
        foreach (string name in new[] { "", " ", "\u00E9", "\uD800", new string('x', 5000), "host:" })
        {
            Assert.False(headers.ContainsKey(name));
        }

        Assert.Throws<ArgumentNullException>(() => headers.ContainsKey(null!));
        Assert.Throws<ArgumentNullException>(() => headers[null!] = "x");
    }
}
