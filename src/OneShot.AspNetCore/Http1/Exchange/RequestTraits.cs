namespace OneShot.AspNetCore.Http1.Exchange;

/// <summary>What a request's head decides of its response.</summary>
[Flags]
internal enum RequestTraits : byte
{
    None = 0,

    /// <summary>HEAD: the response has no body.</summary>
    IsHead = 1,

    /// <summary>GET or HEAD: asking once more does no harm (RFC 9110 section 9.2.1).</summary>
    IsSafe = 2,

    /// <summary>CONNECT: behind a 2xx comes a tunnel.</summary>
    IsConnect = 4,

    /// <summary>HTTP/1.0: no chunks, and no connection that stays open unless it is said.</summary>
    IsHttp10 = 8,

    /// <summary>A body comes with it.</summary>
    HasBody = 16,
}
