using System.Globalization;
using System.Text;

namespace OneShot.Benchmarks.Server;

/// <summary>What one row of the comparison sends: requests that take turns, so that values change as they do behind a proxy.</summary>
/// <param name="Name">The row's name.</param>
/// <param name="Batches">What goes out in one write.</param>
/// <param name="BatchSize">The requests in it; more than one is pipelining.</param>
internal sealed record ServerScenario(string Name, byte[][] Batches, int BatchSize = 1)
{
    private const int Variants = 64;

    internal static IReadOnlyList<ServerScenario> All { get; } =
    [
        new("browser head, 16 headers, 4 read", Vary(i => Browser("/", i))),
        new("GET with one header", Vary(_ => "GET / HTTP/1.1\r\nHost: localhost\r\n\r\n")),
        new("minimal API, 4 headers as strings", Vary(i => Browser("/api", i))),
        new("POST 4 KiB, Content-Length", Vary(_ =>
            $"POST /post HTTP/1.1\r\nHost: localhost\r\nContent-Length: 4096\r\n\r\n{new string('b', 4096)}")),
        new("POST 4 KiB, chunked", Vary(_ =>
            $"POST /post HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n800\r\n{new string('b', 2048)}\r\n800\r\n{new string('b', 2048)}\r\n0\r\n\r\n")),
        new("browser head, 16 pipelined", Vary(i => string.Concat(Enumerable.Range(i, 16).Select(j => Browser("/", j)))), 16),
        new("GET with one header, 16 pipelined", Vary(_ => string.Concat(Enumerable.Repeat("GET / HTTP/1.1\r\nHost: localhost\r\n\r\n", 16))), 16),
    ];

    /// <summary>A head of about that many bytes in that many fields, of which a third changes from request to request.</summary>
    internal static ServerScenario Sized(int bytes, int fields) => new($"{bytes} B in {fields} fields", Vary(i => Head(bytes, fields, i)));

    private static string Head(int bytes, int fields, int variant)
    {
        const string Start = "GET / HTTP/1.1\r\nHost: localhost\r\nUser-Agent: sized\r\nX-Request-Id: 1\r\nCookie: a=b\r\n";
        int others = Math.Max(0, fields - 4);
        var head = new StringBuilder(Start);
        for (int i = 0; i < others; i++)
        {
            string name = string.Create(CultureInfo.InvariantCulture, $"X-Field-{i:00}: ");
            int length = Math.Max(1, ((bytes - Start.Length - 2) / others) - name.Length - 2);
            string value = i % 3 == 0 ? string.Create(CultureInfo.InvariantCulture, $"{variant:00}") : "";
            head.Append(name).Append(value.PadRight(length, 'v')[..length]).Append("\r\n");
        }

        return head.Append("\r\n").ToString();
    }

    private static byte[][] Vary(Func<int, string> make) =>
        [.. Enumerable.Range(0, Variants).Select(i => Encoding.ASCII.GetBytes(make(i)))];

    /// <summary>A browser's navigation through a proxy: three of sixteen values differ from request to request.</summary>
    private static string Browser(string path, int i) => string.Create(CultureInfo.InvariantCulture, $"""
        GET {path} HTTP/1.1
        Host: shop.example.com
        X-Real-IP: 203.0.113.{i}
        X-Forwarded-Proto: https
        X-Request-Id: {i * 2654435761L:x16}{i:x16}
        sec-ch-ua: "Not:A-Brand";v="8", "Chromium";v="156"
        sec-ch-ua-mobile: ?0
        sec-ch-ua-platform: "Linux"
        User-Agent: Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/156.0.0.0 Safari/537.36
        Accept: text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,image/webp,image/apng,*/*;q=0.8
        Sec-Fetch-Site: same-origin
        Sec-Fetch-Mode: navigate
        Sec-Fetch-Dest: document
        Referer: https://shop.example.com/items
        Accept-Encoding: gzip, deflate, br, zstd
        Cookie: theme=dark; session={i * 40503L:x32}


        """).ReplaceLineEndings("\r\n");
}
