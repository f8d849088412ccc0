namespace OneShot.Differential.Tests.Generation;

/// <summary>What requests are made of, good and bad; Latin-1 text.</summary>
internal static class Words
{
    internal static readonly string[] Methods =
        ["GET", "GET", "GET", "POST", "POST", "PUT", "HEAD", "DELETE", "OPTIONS", "PATCH", "TRACE", "FOO", "get", "M-SEARCH"];

    internal static readonly string[] BadMethods = ["G T", "G(T", "", "GET\t", "G\0ET", "G\u00C9T", ":", "CONNECT"];

    internal static readonly string[] Behaviours =
    [
        "", "x", "noread", "half", "pipe", "swallow", "early", "form", "complete-reader", "chunked", "start", "complete", "empty", "write-pipe",
        "flush", "headers", "own-date", "late-header", "starting", "status/204", "status/205", "status/304", "status/404", "status/500", "throw",
        "throw-flushed", "throw-bad-request", "length/0", "connection/close", "short", "long", "maxsize", "sync", "upgrade",
    ];

    internal static readonly string[] Segments =
        ["a", "b", ".", "..", "%2e", "%2E%2e", "%41", "%2F", "%C3%A9", "%zz", "%", "a;b", "~", "%25", "%5C", "%E2%82%AC", "%80", "", "index.html", "a+b", "a=b", "'", "%20"];

    internal static readonly string[] Queries = ["", "", "", "?", "?a=b", "?a=b&c=d", "?%41%00", "?a/../b", "??", "?a?b", "?\"<>", "?{}|^`"];

    internal static readonly string[] Authorities = ["a", "b", "a:80", "A", "[::1]", "a:", "u@a", "", "a:x", "a.", "[::]", "127.0.0.1:5000"];

    internal static readonly string[] Hosts =
        ["a", "a", "a", "a", "a", "a", "a", "a:80", "[::1]", "127.0.0.1", "a.b-c.example:8080", "A", "", "a b", "a,b", "a/b", "u@a", "[::", "a:x", "\u00E9", "a\0", "*"];

    internal static readonly string[] Versions = ["HTTP/1.2", "HTTP/2.0", "HTTP/1", "http/1.1", "HTTP/1.1 ", "HTTP/01.1", "HTTX/1.1", "", "HTTP/0.9", "HTTP/1.11"];

    internal static readonly string[] Names =
    [
        "Accept", "Accept-Encoding", "Accept-Language", "Authorization", "Cache-Control", "Content-Type", "Cookie", "Date", "From", "If-Match",
        "If-Modified-Since", "If-None-Match", "Keep-Alive", "Origin", "Pragma", "Range", "Referer", "TE", "Trailer", "User-Agent", "Via", "Warning",
        "X-Forwarded-For", "X-Forwarded-Proto", "X-Request-Id", "traceparent", "tracestate", "baggage", "Sec-Fetch-Mode", "X", "x", "X-A", "accept",
        "USER-AGENT", "cookie", "X-Content-Length", "Content-Language", "Upgrade-Insecure-Requests", "DNT", "Proxy-Connection", "!#$%&'*+-.^_`|~",
    ];

    internal static readonly string[] BadNames = ["X Y", "X(", "", "X\0", "\u00C9", "X,", "X;", " X", "X ", "X\t", "\u007F", "X/Y", "\"X\"", "X\r", "[X]"];

    internal static readonly string[] Values =
    [
        "", "a", "a b", "a, b", "  a  ", "\ta\t", "a:b", ":", "text/html; q=0.5, */*", "\"quoted, value\"", "(comment)", "a=1; b=2", "0", "1234567890",
        "gzip, deflate, br", "Mozilla/5.0 (X11; Linux x86_64)", "Basic YTpi", "\u00C3\u00A9", "\u00E2\u0082\u00AC", "a\u00C3\u00A9b",
    ];

    internal static readonly string[] BadValues = ["\u00E9", "a\0b", "a\u0001b", "a\u007Fb", "a\rb", "a\nb", "\u00C3", "a\u000Bb", "\u00FF\u00FE", "\r\n b"];

    internal static readonly string[] Connections =
        ["close", "keep-alive", "Keep-Alive", "close, keep-alive", "upgrade", "Upgrade, keep-alive", "a, close", "foo", "", ",", "TE", "CLOSE"];

    internal static readonly string[] Lengths =
        ["+5", "-1", "5,5", "5 5", "0x5", "", "five", "05", "9223372036854775807", "9223372036854775808", "18446744073709551621", "5.0", "\u00B5", "30000001"];

    internal static readonly string[] Codings =
    [
        "gzip", "gzip, chunked", "chunked, gzip", "chunked, chunked", "identity", "xchunked", "chunked;a=b", "\"chunked\"", "", ",chunked", "chunked,",
        "\u000Bchunked", "chunked\0", "Chunked", "CHUNKED", "chunked ",
    ];

    internal static readonly string[] Extensions = [";a=b", ";a", ";a=\"b c\"", ";a=b;c=d", " ;a", ";", ";=b", ";a=", " ", ";a=\"b", ";\u00E9", ";a b", "\t;a=b"];

    internal static readonly string[] Sizes = ["g", "+5", "0x5", "", " 5", "5 ", "5h", "-1", "FFFFFFFF", "10000000000000005", "00000000000000005", "0005", "7FFFFFFF", "1_0"];

    internal static readonly string[] Pieces =
    [
        "\r\n", "\n", "\r", "\0", " ", "\t", ":", ";", ",", "\u0080", "\u00FF", "\"", "%", "/", "?", "#", "0\r\n\r\n", "5\r\nhello\r\n", "\r\n\r\n", "Host: b\r\n",
        "Content-Length: 5\r\n", "Content-Length: 0\r\n", "Transfer-Encoding: chunked\r\n", "Connection: close\r\n", "Connection: keep-alive\r\n",
        "Expect: 100-continue\r\n", "GET /x HTTP/1.1\r\n", " HTTP/1.1", "HTTP/1.0", "X: y\r\n", " folded\r\n", "chunked", "http://a/", "..", "%2e", "%00", "100-continue", "close",
    ];
}
