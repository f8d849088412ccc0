namespace OneShot.LoadTest.Tools;

/// <summary>The kinds of traffic that are compared.</summary>
internal static class HeaderSets
{
    /// <summary>What a health probe or a benchmark sends: Kestrel's friendliest case.</summary>
    public static HeaderSet Tiny { get; } = new("tiny", "2 headers, as from a probe or a benchmark", [new("Accept", "*/*")]);

    /// <summary>A browser's request for a page: cookie, referrer and trace context differ each time.</summary>
    public static HeaderSet Browser { get; } = new("browser", "16 headers, as from Chromium", [
        new("Connection", "keep-alive"),
        new("sec-ch-ua", "\"Not:A-Brand\";v=\"8\", \"Chromium\";v=\"156\""),
        new("sec-ch-ua-mobile", "?0"),
        new("sec-ch-ua-platform", "\"Linux\""),
        new("Upgrade-Insecure-Requests", "1"),
        new("User-Agent", "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/156.0.0.0 Safari/537.36"),
        new("Accept", "text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,image/webp,*/*;q=0.8"),
        new("Sec-Fetch-Site", "same-origin"),
        new("Sec-Fetch-Mode", "navigate"),
        new("Sec-Fetch-Dest", "document"),
        new("Referer", "https://shop.example/item/{id}"),
        new("Accept-Encoding", "gzip, deflate, br, zstd"),
        new("Accept-Language", "en-US,en;q=0.9"),
        new("Cookie", "session={id}{id}; theme=dark; consent=1"),
        new("traceparent", "00-{id}{id}-{id}-01"),
    ]);

    /// <summary>What an API gateway passes on: its own fields, the trace, and a bearer token of about 1 KB.</summary>
    public static HeaderSet Gateway { get; } = new("gateway", "30 headers with a bearer token of 1 KB, as behind an API gateway", [
        new("Accept", "application/json"),
        new("Accept-Encoding", "gzip, br"),
        new("Accept-Language", "en-GB"),
        new("Authorization", "Bearer " + Token),
        new("Cache-Control", "no-cache"),
        new("Content-Type", "application/json"),
        new("Cookie", "affinity={id}"),
        new("Forwarded", "for=203.0.113.17;host=api.example;proto=https"),
        new("Idempotency-Key", "{id}"),
        new("If-None-Match", "\"{id}\""),
        new("Origin", "https://app.example"),
        new("Referer", "https://app.example/orders"),
        new("User-Agent", "orders-client/4.12.0 (linux; net10.0)"),
        new("Via", "1.1 gateway-7"),
        new("X-Api-Version", "2026-11-01"),
        new("X-Client-Id", "orders-web"),
        new("X-Correlation-Id", "{id}{id}"),
        new("X-Envoy-Attempt-Count", "1"),
        new("X-Envoy-Expected-Rq-Timeout-Ms", "15000"),
        new("X-Forwarded-For", "203.0.113.17, 10.12.0.4"),
        new("X-Forwarded-Host", "api.example"),
        new("X-Forwarded-Port", "443"),
        new("X-Forwarded-Proto", "https"),
        new("X-Real-Ip", "203.0.113.17"),
        new("X-Region", "eu-central-1"),
        new("X-Request-Id", "{id}{id}"),
        new("X-Tenant", "tenant-0042"),
        new("traceparent", "00-{id}{id}-{id}-01"),
        new("tracestate", "gateway={id}"),
    ]);

    public static IReadOnlyList<HeaderSet> All { get; } = [Tiny, Browser, Gateway];

    // The shape of a JWT, three parts of base64url, with a part that is another in every request.
    private static string Token => $"{Letters(86)}.{Letters(640)}{HeaderField.Placeholder}.{Letters(342)}";

    private static string Letters(int count)
    {
        const string Alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
        return string.Create(count, 0, static (text, _) =>
        {
            for (int i = 0; i < text.Length; i++)
            {
                text[i] = Alphabet[(i * 37) % Alphabet.Length];
            }
        });
    }
}

/// <summary>The header fields of a kind of traffic, in wire order. <c>Host</c> comes on top: the tools write it themselves.</summary>
internal sealed record HeaderSet(string Name, string Description, IReadOnlyList<HeaderField> Fields)
{
    /// <summary>Field lines of a request, <c>Host</c> included.</summary>
    public int Count => Fields.Count + 1;

    public bool Changes => Fields.Any(line => line.Changes);

    /// <summary>Bytes of the field lines without <c>Host</c>, with colon, space and line end.</summary>
    public int Bytes => Fields.Sum(line => line.Name.Length + line.At(0).Length + ": \r\n".Length);
}

/// <summary>A header field to send. <c>{id}</c> in its value stands for 16 hexadecimal digits that are another with every request.</summary>
internal sealed record HeaderField(string Name, string Value)
{
    public const string Placeholder = "{id}";

    /// <summary>Further values, which the requests carry in turn: this one, then these, then this one again.</summary>
    public IReadOnlyList<string> Others { get; init; } = [];

    public bool Changes => Others.Count > 0 || Value.Contains(Placeholder, StringComparison.Ordinal);

    /// <summary>The value for tools, and requests, that know one value only.</summary>
    public string At(ulong id) => Value.Replace(Placeholder, id.ToString("x16", System.Globalization.CultureInfo.InvariantCulture), StringComparison.Ordinal);
}
