using System.Text;

namespace OneShot.AspNetCore.Headers;

/// <summary>Names to <see cref="KnownHeader"/> and back. Names are case-insensitive (RFC 9110 5.1).</summary>
internal static class KnownHeaders
{
    /// <summary>The number of ids, <see cref="KnownHeader.Unknown"/> included.</summary>
    public const int Count = 64;

    /// <summary>The longest name there is, in bytes.</summary>
    public const int MaxLength = 32;

    // Found by search over random multipliers: it sends the 63 keys to 63 different slots of 256. A test holds it to that.
    private const uint Multiplier = 0xE894985D;

    private static readonly string[] s_names =
    [
        "",
        "Host",
        "Content-Length",
        "Transfer-Encoding",
        "Connection",
        "Keep-Alive",
        "Proxy-Connection",
        "Upgrade",
        "Expect",
        "TE",
        "Trailer",
        "User-Agent",
        "Accept",
        "Accept-Encoding",
        "Accept-Language",
        "Accept-Charset",
        "Cookie",
        "Authorization",
        "Proxy-Authorization",
        "Content-Type",
        "Content-Encoding",
        "Content-Language",
        "Content-Range",
        "Origin",
        "Referer",
        "Cache-Control",
        "Pragma",
        "Date",
        "Via",
        "From",
        "Max-Forwards",
        "If-Match",
        "If-None-Match",
        "If-Modified-Since",
        "If-Unmodified-Since",
        "If-Range",
        "Range",
        "Forwarded",
        "X-Forwarded-For",
        "X-Forwarded-Proto",
        "X-Forwarded-Host",
        "X-Real-IP",
        "X-Request-Id",
        "X-Requested-With",
        "traceparent",
        "tracestate",
        "baggage",
        "Request-Id",
        "Upgrade-Insecure-Requests",
        "DNT",
        "Priority",
        "Sec-Fetch-Site",
        "Sec-Fetch-Mode",
        "Sec-Fetch-User",
        "Sec-Fetch-Dest",
        "sec-ch-ua",
        "sec-ch-ua-mobile",
        "sec-ch-ua-platform",
        "Sec-WebSocket-Key",
        "Sec-WebSocket-Version",
        "Sec-WebSocket-Extensions",
        "Sec-WebSocket-Protocol",
        "Access-Control-Request-Method",
        "Access-Control-Request-Headers",
    ];

    private static readonly byte[] s_slots = CreateSlots();

    /// <summary>The name in its usual spelling; empty for <see cref="KnownHeader.Unknown"/>.</summary>
    public static string NameOf(KnownHeader header) => s_names[(int)header];

    /// <summary>The id of a name in any case, or <see cref="KnownHeader.Unknown"/>.</summary>
    public static KnownHeader Recognise(ReadOnlySpan<byte> name)
    {
        if (name.Length is < 2 or > MaxLength)
        {
            return KnownHeader.Unknown;
        }

        var candidate = (KnownHeader)s_slots[Slot(name[0], name[^2], name[^1], name.Length)];
        return Ascii.EqualsIgnoreCase(name, s_names[(int)candidate]) ? candidate : KnownHeader.Unknown;
    }

    /// <summary>The id of a name in any case, or <see cref="KnownHeader.Unknown"/>.</summary>
    public static KnownHeader Recognise(string name)
    {
        if (name.Length is < 2 or > MaxLength)
        {
            return KnownHeader.Unknown;
        }

        var candidate = (KnownHeader)s_slots[Slot((byte)name[0], (byte)name[^2], (byte)name[^1], name.Length)];
        return string.Equals(name, s_names[(int)candidate], StringComparison.OrdinalIgnoreCase) ? candidate : KnownHeader.Unknown;
    }

    // A perfect hash over the length and three letters, folded to lower case by one bit.
    private static uint Slot(byte first, byte lastButOne, byte last, int length)
    {
        uint key = ((uint)length << 24) | ((uint)first << 16) | ((uint)last << 8) | lastButOne | 0x0020_2020;
        return (key * Multiplier) >> 24;
    }

    private static byte[] CreateSlots()
    {
        byte[] slots = new byte[256];
        for (int i = 1; i < s_names.Length; i++)
        {
            string name = s_names[i];
            slots[Slot((byte)name[0], (byte)name[^2], (byte)name[^1], name.Length)] = (byte)i;
        }

        return slots;
    }
}
