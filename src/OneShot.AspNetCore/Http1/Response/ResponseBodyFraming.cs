namespace OneShot.AspNetCore.Http1.Response;

/// <summary>How the end of a response body is told to the client (RFC 9112 section 6.3).</summary>
internal enum ResponseBodyFraming : byte
{
    /// <summary>The head is not written yet; bytes are held back.</summary>
    Unstarted,

    /// <summary>No body: to HEAD it is discarded, with 204, 205 and 304 it is an error.</summary>
    None,

    /// <summary>Content-Length.</summary>
    Length,

    /// <summary>Transfer-Encoding: chunked.</summary>
    Chunked,

    /// <summary>The end of the connection ends the body; or the application frames by itself.</summary>
    UntilClose,

    /// <summary>The body is complete.</summary>
    Closed,
}
