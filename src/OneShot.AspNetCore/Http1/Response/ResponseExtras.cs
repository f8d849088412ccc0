namespace OneShot.AspNetCore.Http1.Response;

/// <summary>What the server adds to a response head of its own accord.</summary>
internal readonly ref struct ResponseExtras(
    ConnectionField connection, bool chunked, bool server, ReadOnlySpan<byte> dateLine, ReadOnlySpan<byte> altSvcLine)
{
    internal ConnectionField Connection { get; } = connection;

    internal bool Chunked { get; } = chunked;

    internal bool Server { get; } = server;

    /// <summary>The whole line, or empty when the application has set its own.</summary>
    internal ReadOnlySpan<byte> DateLine { get; } = dateLine;

    /// <summary>The whole line, or empty when there is none or the application has set its own.</summary>
    internal ReadOnlySpan<byte> AltSvcLine { get; } = altSvcLine;
}

internal enum ConnectionField : byte
{
    None,
    KeepAlive,
    Close,
}
