namespace OneShot.Fuzzing.Targets;

/// <summary>What takes an input, and throws <see cref="Violation"/> when a promise is broken by it.</summary>
internal delegate void FuzzAction(ReadOnlySpan<byte> input);

/// <summary>One thing to attack.</summary>
/// <param name="Name">As it is called on the command line; its corpus and its regressions are in folders of that name.</param>
/// <param name="Run">Takes any input up to <see cref="LongestInput"/>.</param>
/// <param name="Words">What a mutator puts in besides bytes: the words of the grammar.</param>
internal sealed record FuzzTarget(string Name, FuzzAction Run, IReadOnlyList<string> Words)
{
    /// <summary>Longer inputs find nothing that these do not, more slowly.</summary>
    public const int LongestInput = 64 * 1024;

    public static readonly IReadOnlyList<FuzzTarget> All =
    [
        new("head", HeadFuzz.Run,
        [
            "\r\n", "\r\n\r\n", "\r", "\n", "\t", " ", ": ", ":", "\0", "\u007F", "\u00C3\u00A9", "\u00FF", ",", ";", "        ", "                                ",
            "GET ", "POST ", "PUT ", "OPTIONS ", "CONNECT ", " HTTP/1.1\r\n", " HTTP/1.0\r\n", "HTTP/1.", "*", "/", "http://a/", "a:80",
            "Host: a\r\n", "Host:", "Content-Length: 1\r\n", "Content-Length:", "Transfer-Encoding: chunked\r\n", "Transfer-Encoding:", "chunked", "gzip, chunked",
            "Connection: close\r\n", "Connection: keep-alive, Upgrade\r\n", "Expect: 100-continue\r\n", "9223372036854775807", "9223372036854775808", "18446744073709551617",
            "Cookie:", "Accept-Language:", "X-Request-Id:", "sec-ch-ua-platform:", "Access-Control-Request-Headers:", "[::1]", "..", "%2e", "%2F", "%00",
        ]),
        new("chunks", ChunkFuzz.Run,
        [
            "\r\n", "\r", "\n", "0\r\n\r\n", "0\r\n", "1\r\na\r\n", "5\r\nhello\r\n", "A", "f", "00000000", "7FFFFFFFFFFFFFFF", "8000000000000000", "10000000000000000",
            ";", "=", "\"", "\\", ";a", ";a=b", ";a=\"b\"", " ", "\t", "\0", "\u007F", "\u00FF", "a: b\r\n", ":", "Content-Length: 1\r\n", "X-Sum: 1\r\n", "Host:", "TE: x\r\n",
            "GET / HTTP/1.1\r\n\r\n",
        ]),
        new("target", TargetFuzz.Run,
        [
            "/", "//", "/.", "/..", "/./", "/../", "%", "%2", "%2e", "%2E%2E", "%2f", "%2F", "%00", "%25", "%C3%A9", "%E2%82%AC", "%F0%9F%98%80", "%C0%AF", "%ED%A0%80",
            "%F4%90%80%80", "%E2%82", "%41", "?", "#", "*", "http://", "https://", "http://a", "a:80", ":80", ":443", ":", "@", "[::1]", "[", "]", "\n", "\na", "\na:80", "\n[::1]:443",
        ]),
        new("query", QueryFuzz.Run,
        [
            "&", "&&", "=", "==", "+", "%", "%%", "%2", "%20", "%2B", "%2b", "%26", "%3D", "%25", "%00", "%0A", "%C3%A9", "%ff", "%zz", "%u0041", "a=b", "&a", "&a=", "&=a", ";", "#", "?",
            "\n", "\na", "\na b", "\n%", "page=1", "[]=",
        ]),
        new("cookies", CookieFuzz.Run,
        [
            ";", "; ", ";;", "=", "==", "\"", "\"\"", "=\"\"", "=\"a\"", "=\"", " ", "\t", ",", "\\", "\0", "\u007F", "\u00FF", "a=b", "; a=b", "a=", "=b", "; $Version=1", "__Host-a=b", "%20", "[", "]", "{", "}", "(", ")", "<", ">", "@", ":", "/", "?",
        ]),
        new("media-type", MediaTypeFuzz.Run,
        [
            "application/json", "Application/JSON", "application/problem+json", "text/json", "+json", "application/", "/", ";", "; ", " ; ", "\t", "=", "\"", "\\", "\\\"", "charset=utf-8", "charset=\"utf-8\"", "charset=", "CHARSET=UTF-8", "charset=latin1",
            "; a=b", "; a=\"b;c\"", "; a=\"\\\"\"", "; charset=\"utf\\-8\"", "\0", "\n", "\u00FF", "*", ",",
        ]),
    ];

    /// <summary>The target's inputs: seeds, and what once broke a promise. In an order that does not depend on the machine.</summary>
    /// <param name="folder">Such as <c>Corpus</c> or <c>Regressions</c>.</param>
    public IReadOnlyList<string> Files(string folder)
    {
        string path = Path.Combine(AppContext.BaseDirectory, folder, Name);
        return Directory.Exists(path) ? [.. Directory.EnumerateFiles(path).Order(StringComparer.Ordinal)] : [];
    }
}
