namespace OneShot.AspNetCore.Wire;

/// <summary>How the end of a request body is found (RFC 9112 6.3).</summary>
internal enum RequestBodyKind : byte
{
    /// <summary>There is no body, or its length is zero.</summary>
    None,

    /// <summary>So many bytes as Content-Length says, at least one.</summary>
    ContentLength,

    /// <summary>Chunks until the one of size zero.</summary>
    Chunked,
}
