using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Text;

namespace OneShot.AspNetCore.Headers;

/// <summary>Names to <see cref="KnownHeader"/> and back. Names are case-insensitive (RFC 9110 5.1).</summary>
internal static class KnownHeaders
{
    /// <summary>The number of ids, <see cref="KnownHeader.Unknown"/> included.</summary>
    public const int Count = 64;

    /// <summary>No name is longer, in bytes: with its colon it fits a row of <see cref="KnownHeaderData"/>.</summary>
    public const int MaxLength = KnownHeaderData.RowSize - 1;

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

    /// <summary>The name in its usual spelling; empty for <see cref="KnownHeader.Unknown"/>.</summary>
    public static string NameOf(KnownHeader header) => s_names[(int)header];

    /// <summary>The id of a name in any case, or <see cref="KnownHeader.Unknown"/>.</summary>
    public static KnownHeader Recognise(ReadOnlySpan<byte> name)
    {
        if (name.Length is < 2 or > MaxLength)
        {
            return KnownHeader.Unknown;
        }

        var candidate = (KnownHeader)Candidate(name.Length, name[0], (ushort)((name[^1] << 8) | name[^2]));
        return Ascii.EqualsIgnoreCase(name, s_names[(int)candidate]) ? candidate : KnownHeader.Unknown;
    }

    /// <summary>The id of a name in any case, or <see cref="KnownHeader.Unknown"/>.</summary>
    public static KnownHeader Recognise(string name)
    {
        if (name.Length is < 2 or > MaxLength)
        {
            return KnownHeader.Unknown;
        }

        var candidate = (KnownHeader)Candidate(name.Length, (byte)name[0], (ushort)((byte)name[^1] << 8 | (byte)name[^2]));
        return string.Equals(name, s_names[(int)candidate], StringComparison.OrdinalIgnoreCase) ? candidate : KnownHeader.Unknown;
    }

    /// <summary>
    /// The only id that a name may have, by a perfect hash over its length and three of its bytes, folded to lower case by one bit.
    /// </summary>
    /// <param name="length">The name's length in bytes, below 256.</param>
    /// <param name="first">Its first byte.</param>
    /// <param name="lastTwo">Its last byte, shifted left by 8, and the one before it.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static uint Candidate(int length, byte first, ushort lastTwo)
    {
        uint key = ((uint)length << 24) | ((uint)first << 16) | lastTwo | 0x0020_2020;
        return Unsafe.Add(ref MemoryMarshal.GetReference(KnownHeaderData.Slots), (key * Multiplier) >> 24);
    }
}
