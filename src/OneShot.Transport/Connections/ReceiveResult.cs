namespace OneShot.Transport.Connections;

/// <summary>What one look into the socket has brought.</summary>
internal enum ReceiveResult
{
    /// <summary>There is nothing; the loop will say when there is.</summary>
    Nothing,

    /// <summary>Bytes.</summary>
    Bytes,

    /// <summary>The peer sends no more.</summary>
    End,

    /// <summary>The connection is over: <see cref="SocketReader"/> has the reason.</summary>
    Failed,
}
