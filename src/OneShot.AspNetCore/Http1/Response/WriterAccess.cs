namespace OneShot.AspNetCore.Http1.Response;

/// <summary>What the application may do with the response's writer.</summary>
internal enum WriterAccess : byte
{
    /// <summary>Write.</summary>
    Open,

    /// <summary>Nothing: the connection's bytes are another protocol's, and have a stream of their own.</summary>
    Upgraded,

    /// <summary>Nothing: the application has returned.</summary>
    Over,
}
