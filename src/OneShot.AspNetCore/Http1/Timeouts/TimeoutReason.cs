namespace OneShot.AspNetCore.Http1.Timeouts;

/// <summary>What a connection has waited for too long.</summary>
internal enum TimeoutReason : byte
{
    None,

    /// <summary>The next request, on an idle connection: closed without a word.</summary>
    KeepAlive,

    /// <summary>The rest of a request head: 408.</summary>
    RequestHead,

    /// <summary>The request body, which comes too slowly: 408.</summary>
    RequestBodyRate,

    /// <summary>The client, which takes the response too slowly: the connection is cut.</summary>
    ResponseRate,
}
