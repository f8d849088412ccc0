using System.Text;
using CsCheck;
using OneShot.AspNetCore.Wire;
using static OneShot.AspNetCore.Wire.RequestRejection;

namespace OneShot.AspNetCore.Tests.Wire;

public class RequestTargetTests
{
    private static readonly Gen<(string Target, string Method, string Host, int Asked)[]> s_requests = Gen.Select(
        FixedSeeds.OneOf("", "", "", "http://a", "http://b:1", "https://a"),
        Gen.Select(FixedSeeds.OneOf("", "/", "/a", "/b", "/%61", "/a/../b", "/%00", "/" + new string('p', 300)), FixedSeeds.OneOf("", "", "?", "?a", "?b", "?" + new string('q', 250)), string.Concat),
        FixedSeeds.OneOf(("GET", ""), ("GET", ""), ("GET", ""), ("GET", ""), ("OPTIONS", "*"), ("CONNECT", "a:1"), ("CONNECT", "bb:22")),
        Gen.Int[0, 3],
        static (origin, rest, special, asked) => special.Item2.Length > 0
            ? (special.Item2, special.Item1, "", asked)
            : (rest.Length == 0 && origin.Length == 0 ? "/" : origin + rest, "GET", origin.Length == 0 ? "a" : "", asked)).Array[1, 12];

    [Theory]
    [InlineData("GET", "/", "/", "")]
    [InlineData("GET", "/a/b?c=d", "/a/b", "?c=d")]
    [InlineData("GET", "/?", "/", "?")]
    [InlineData("GET", "/a%20b/%41?%20", "/a b/A", "?%20")]
    [InlineData("GET", "/%E4%BD%A0", "/\u4F60", "")]
    [InlineData("GET", "/%F0%9F%98%80", "/\U0001F600", "")]
    [InlineData("GET", "/a%2Fb%2f", "/a%2Fb%2f", "")]
    [InlineData("GET", "/%", "/%", "")]
    [InlineData("GET", "/%4", "/%4", "")]
    [InlineData("GET", "/%zz%4g%%41", "/%zz%4g%A", "")]
    [InlineData("GET", "/%C0%AF", "/%C0%AF", "")]
    [InlineData("GET", "/%ED%A0%80", "/%ED%A0%80", "")]
    [InlineData("GET", "/%F4%90%80%80", "/%F4%90%80%80", "")]
    [InlineData("GET", "/%E4%BD%41", "/%E4%BDA", "")]
    [InlineData("GET", "/%25%34%31", "/%41", "")]
    [InlineData("GET", "/%01%0D%0A", "/\u0001\r\n", "")]
    [InlineData("GET", "/a/../b", "/b", "")]
    [InlineData("GET", "/../..", "/", "")]
    [InlineData("GET", "/a/./b/.", "/a/b/", "")]
    [InlineData("GET", "/a/b/..", "/a/", "")]
    [InlineData("GET", "/a/%2E%2e/%2e/c", "/c", "")]
    [InlineData("GET", "//a//../b", "//a/b", "")]
    [InlineData("GET", "/.a/..b/...", "/.a/..b/...", "")]
    [InlineData("GET", "/a#b?c", "/a#b", "?c")]
    [InlineData("GET", "http://a", "/", "")]
    [InlineData("GET", "http://A:80?x", "/", "?x")]
    [InlineData("POST", "https://a:443/b/../%41?c", "/A", "?c")]
    [InlineData("OPTIONS", "*", "", "")]
    [InlineData("OPTIONS", "/", "/", "")]
    [InlineData("CONNECT", "a:443", "", "")]
    public void A_target_becomes_path_and_query(string method, string target, string path, string query)
    {
        var parsed = new RequestTarget();
        Assert.Equal(None, Parse(parsed, target, method, method == "CONNECT" ? "A:443" : "a"));
        Assert.Equal((target, path, query), (parsed.RawTarget, parsed.Path, parsed.QueryString));
        Assert.Null(parsed.HostOverride);
    }

    [Theory]
    [InlineData("GET", "a", TargetNeedsConnect)]
    [InlineData("GET", "a:80", TargetNeedsConnect)]
    [InlineData("GET", "*", TargetNeedsOptions)]
    [InlineData("CONNECT", "*", TargetNeedsOptions)]
    [InlineData("GET", "?a", InvalidTarget)]
    [InlineData("GET", "**", InvalidTarget)]
    [InlineData("GET", "\\", InvalidTarget)]
    [InlineData("GET", "/%00", InvalidTarget)]
    [InlineData("GET", "/a/%00/../b", InvalidTarget)]
    [InlineData("GET", "http://a/%00", InvalidTarget)]
    [InlineData("GET", "http:///", InvalidTarget)]
    [InlineData("GET", "http://", InvalidTarget)]
    [InlineData("GET", "http://u:p@a/", InvalidTarget)]
    [InlineData("GET", "http:/a/", InvalidTarget)]
    [InlineData("GET", "HTTP://a/", InvalidTarget)]
    [InlineData("GET", "ftp://a/", InvalidTarget)]
    [InlineData("GET", "http://b/", HostDiffersFromTarget)]
    [InlineData("GET", "http://a:81/", HostDiffersFromTarget)]
    [InlineData("GET", "https://a:80/", HostDiffersFromTarget)]
    [InlineData("CONNECT", "/", InvalidTarget)]
    [InlineData("CONNECT", "a", InvalidTarget)]
    [InlineData("CONNECT", "http://a/", InvalidTarget)]
    [InlineData("CONNECT", "u@a:80", InvalidTarget)]
    [InlineData("CONNECT", "a:80", HostDiffersFromTarget)]
    internal void Other_targets_are_refused(string method, string target, RequestRejection expected)
        => Assert.Equal(expected, Parse(new RequestTarget(), target, method, "a"));

    [Fact]
    public void The_targets_authority_wins_where_the_server_says_so()
    {
        var target = new RequestTarget(allowHostOverride: true);
        Assert.Equal(None, Parse(target, "http://b:81/x", "GET", "a"));
        Assert.Equal(("b:81", "/x"), (target.HostOverride, target.Path));
        Assert.Equal(None, Parse(target, "/x", "GET", "a"));
        Assert.Null(target.HostOverride);
    }

    [Fact]
    public void The_bytes_are_left_as_they_are()
    {
        byte[] bytes = "/a/../%41?%41"u8.ToArray();
        Assert.Equal(None, new RequestTarget().Parse(bytes, HttpMethodId.Get, "a"u8));
        Assert.Equal("/a/../%41?%41"u8, bytes);
    }

    [Fact]
    public void Strings_are_reused_while_their_bytes_stay_the_same()
    {
        var target = new RequestTarget();
        Parse(target, "/a%41?b", "GET", "a");
        (string raw, string path, string query) = (target.RawTarget, target.Path, target.QueryString);

        long before = GC.GetAllocatedBytesForCurrentThread();
        target.Parse("/a%41?b"u8, HttpMethodId.Get, "a"u8);
        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
        Assert.Same(raw, target.RawTarget);

        Parse(target, "/a%41?c", "GET", "a");
        Assert.Same(path, target.Path);
        Assert.Equal(("/a%41?c", "?c"), (target.RawTarget, target.QueryString));

        Parse(target, "/x?c", "GET", "a");
        Assert.Equal(("/x?c", "/x", "?c"), (target.RawTarget, target.Path, target.QueryString));
        Assert.Equal("?b", query);

        Parse(target, "http://a/x?c", "GET", "a");
        Parse(target, "/x?c", "GET", "a");
        Parse(target, "*", "OPTIONS", "a");
        Assert.Equal(("*", "", ""), (target.RawTarget, target.Path, target.QueryString));
        Parse(target, "/", "GET", "a");
        Assert.Equal(("/", "/", ""), (target.RawTarget, target.Path, target.QueryString));
    }

    [Fact]
    public void Strings_are_made_anew_where_the_server_says_so()
    {
        var target = new RequestTarget(reuseStrings: false);
        Parse(target, "/abc?b", "GET", "a");
        string raw = target.RawTarget;
        Parse(target, "/abc?b", "GET", "a");
        Assert.NotSame(raw, target.RawTarget);
    }

    [Fact]
    public void A_refused_target_changes_nothing_for_the_next()
    {
        var target = new RequestTarget();
        Parse(target, "/a", "GET", "a");
        Assert.Equal(InvalidTarget, Parse(target, "/%00", "GET", "a"));
        Assert.Equal(None, Parse(target, "/a", "GET", "a"));
        Assert.Equal(("/a", "/a"), (target.RawTarget, target.Path));
    }

    /// <summary>One connection's requests, of whose strings some are asked for, now and then: each is that of an object of its own.</summary>
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Whatever_came_before_the_strings_are_those_of_this_target(bool reuseStrings) => FixedSeeds.Sample(s_requests, 2000, requests =>
    {
        var target = new RequestTarget(reuseStrings);
        foreach ((string bytes, string method, string host, int asked) in requests)
        {
            var alone = new RequestTarget();
            RequestRejection expected = Parse(alone, bytes, method, host);
            Assert.Equal((bytes, expected), (bytes, Parse(target, bytes, method, host)));
            if (expected != None)
            {
                continue; // the connection ends; what a next one would be is asked all the same
            }

            Assert.Equal((bytes, alone.Path), (bytes, target.Path));
            if ((asked & 1) != 0)
            {
                Assert.Equal((bytes, alone.QueryString), (bytes, target.QueryString));
            }

            if ((asked & 2) != 0)
            {
                Assert.Equal((bytes, alone.RawTarget), (bytes, target.RawTarget));
            }
        }
    });

    /// <summary>An application that goes on asking when its request is over: what it makes, of whatever bytes, is not the next request's.</summary>
    [Fact]
    public void Whoever_asks_too_late_leaves_nothing_behind()
    {
        const int rounds = 200_000;
        var target = new RequestTarget();
        bool isOver = false;
        string[] targets = ["/items?id=1", "/items?id=2", "/other?id=1", "/items?identifier=33", "/items", "/long?" + new string('q', 300)];
        HashSet<string> whole = ["", .. targets, .. targets.Select(static text => text[(text + '?').IndexOf('?', StringComparison.Ordinal)..])];
        string? torn = null;
        var late = new Thread(() =>
        {
            while (!Volatile.Read(ref isOver))
            {
                (string query, string raw) = (target.QueryString, target.RawTarget);
                torn ??= whole.Contains(query) ? whole.Contains(raw) ? null : raw : query;
            }
        });
        late.Start();
        byte[][] bytes = [.. targets.Select(Encoding.ASCII.GetBytes)];
        (string Target, string Raw, string Query)? wrong = null;
        for (int round = 0; round < rounds && wrong is null; round++)
        {
            int index = round % 7 % targets.Length;
            target.Parse(bytes[index], HttpMethodId.Get, "a"u8);
            (string raw, string query) = (target.RawTarget, target.QueryString);
            if (raw != targets[index] || query != targets[index][^query.Length..] || query.Length != targets[index].Length - target.Path.Length)
            {
                wrong = (targets[index], raw, query);
            }
        }

        Volatile.Write(ref isOver, true);
        late.Join();
        Assert.Null(wrong);
        Assert.Null(torn);
    }

    [Fact]
    public void A_query_that_nobody_asks_for_costs_nothing()
    {
        var target = new RequestTarget();
        Parse(target, "/items?id=0", "GET", "a");
        byte[] other = "/items?id=1"u8.ToArray();
        long before = GC.GetAllocatedBytesForCurrentThread();
        for (int id = 0; id < 10; id++)
        {
            other[^1] = (byte)('0' + id);
            target.Parse(other, HttpMethodId.Get, "a"u8);
        }

        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
        Assert.Equal(("/items?id=9", "?id=9"), (target.RawTarget, target.QueryString));
    }

    [Fact]
    public void A_long_target_is_decoded_too()
    {
        var target = new RequestTarget();
        string path = "/" + string.Concat(Enumerable.Repeat("%41/../", 1000)) + "end";
        Assert.Equal(None, Parse(target, path, "GET", "a"));
        Assert.Equal("/end", target.Path);
    }

    private static RequestRejection Parse(RequestTarget target, string bytes, string method, string host)
        => target.Parse(Encoding.Latin1.GetBytes(bytes), MethodNames.Recognise(Encoding.Latin1.GetBytes(method)), Encoding.Latin1.GetBytes(host));
}
