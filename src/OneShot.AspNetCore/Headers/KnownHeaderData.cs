namespace OneShot.AspNetCore.Headers;

/// <summary>The data of the perfect hash: as constants, so that a look-up is two loads from addresses the compiler knows.</summary>
internal static class KnownHeaderData
{
    /// <summary>The bytes of a row of <see cref="Names"/>: one vector.</summary>
    public const int RowSize = 32;

    /// <summary>The names in lower case, each with its colon and a space, as it stands in nearly every line: a longer name does not match by its beginning.</summary>
    public static ReadOnlySpan<byte> Names =>
        "                                "u8 +
        "host:                           "u8 +
        "content-length:                 "u8 +
        "transfer-encoding:              "u8 +
        "connection:                     "u8 +
        "keep-alive:                     "u8 +
        "proxy-connection:               "u8 +
        "upgrade:                        "u8 +
        "expect:                         "u8 +
        "te:                             "u8 +
        "trailer:                        "u8 +
        "user-agent:                     "u8 +
        "accept:                         "u8 +
        "accept-encoding:                "u8 +
        "accept-language:                "u8 +
        "accept-charset:                 "u8 +
        "cookie:                         "u8 +
        "authorization:                  "u8 +
        "proxy-authorization:            "u8 +
        "content-type:                   "u8 +
        "content-encoding:               "u8 +
        "content-language:               "u8 +
        "content-range:                  "u8 +
        "origin:                         "u8 +
        "referer:                        "u8 +
        "cache-control:                  "u8 +
        "pragma:                         "u8 +
        "date:                           "u8 +
        "via:                            "u8 +
        "from:                           "u8 +
        "max-forwards:                   "u8 +
        "if-match:                       "u8 +
        "if-none-match:                  "u8 +
        "if-modified-since:              "u8 +
        "if-unmodified-since:            "u8 +
        "if-range:                       "u8 +
        "range:                          "u8 +
        "forwarded:                      "u8 +
        "x-forwarded-for:                "u8 +
        "x-forwarded-proto:              "u8 +
        "x-forwarded-host:               "u8 +
        "x-real-ip:                      "u8 +
        "x-request-id:                   "u8 +
        "x-requested-with:               "u8 +
        "traceparent:                    "u8 +
        "tracestate:                     "u8 +
        "baggage:                        "u8 +
        "request-id:                     "u8 +
        "upgrade-insecure-requests:      "u8 +
        "dnt:                            "u8 +
        "priority:                       "u8 +
        "sec-fetch-site:                 "u8 +
        "sec-fetch-mode:                 "u8 +
        "sec-fetch-user:                 "u8 +
        "sec-fetch-dest:                 "u8 +
        "sec-ch-ua:                      "u8 +
        "sec-ch-ua-mobile:               "u8 +
        "sec-ch-ua-platform:             "u8 +
        "sec-websocket-key:              "u8 +
        "sec-websocket-version:          "u8 +
        "sec-websocket-extensions:       "u8 +
        "sec-websocket-protocol:         "u8 +
        "access-control-request-method:  "u8 +
        "access-control-request-headers: "u8;

    /// <summary>The lengths of the names, colon and space included; of no name, one that nothing is as long as.</summary>
    public static ReadOnlySpan<byte> Sizes =>
    [
        255, 6, 16, 19, 12, 12, 18, 9, 8, 4, 9, 12, 8, 17, 17, 16,
        8, 15, 21, 14, 18, 18, 15, 8, 9, 15, 8, 6, 5, 6, 14, 10,
        15, 19, 21, 10, 7, 11, 17, 19, 18, 11, 14, 18, 13, 12, 9, 12,
        27, 5, 10, 16, 16, 16, 16, 11, 18, 20, 19, 23, 26, 24, 31, 32,
    ];

    /// <summary>Where a key of <see cref="KnownHeaders"/> leads to.</summary>
    public static ReadOnlySpan<byte> Slots =>
    [
        0, 20, 0, 0, 0, 51, 0, 42, 17, 0, 0, 41, 0, 0, 0, 52,
        0, 0, 58, 0, 0, 54, 0, 0, 3, 0, 39, 0, 0, 29, 0, 0,
        0, 14, 0, 0, 21, 0, 30, 0, 0, 0, 0, 0, 0, 0, 0, 0,
        35, 0, 0, 0, 0, 0, 15, 0, 0, 0, 0, 1, 0, 0, 0, 0,
        0, 0, 0, 0, 0, 0, 0, 0, 49, 0, 2, 0, 10, 0, 0, 0,
        59, 50, 0, 0, 0, 32, 0, 0, 61, 0, 0, 36, 0, 37, 0, 0,
        0, 0, 0, 0, 0, 57, 0, 4, 0, 0, 0, 0, 0, 63, 0, 40,
        0, 43, 0, 24, 0, 45, 0, 12, 0, 0, 0, 26, 0, 47, 0, 0,
        11, 0, 0, 0, 7, 0, 0, 0, 0, 0, 0, 0, 0, 5, 0, 0,
        0, 56, 0, 0, 48, 0, 0, 44, 0, 0, 34, 0, 0, 0, 0, 0,
        0, 0, 0, 22, 0, 0, 0, 0, 0, 0, 53, 0, 0, 0, 0, 0,
        8, 0, 0, 0, 0, 0, 25, 27, 60, 0, 0, 0, 0, 0, 0, 0,
        0, 0, 0, 23, 0, 55, 18, 0, 33, 0, 0, 9, 0, 0, 0, 0,
        28, 0, 0, 19, 0, 62, 0, 0, 0, 46, 0, 0, 0, 6, 0, 38,
        0, 0, 31, 0, 0, 0, 16, 0, 0, 0, 0, 0, 0, 0, 0, 0,
        0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 13, 0,
    ];
}
