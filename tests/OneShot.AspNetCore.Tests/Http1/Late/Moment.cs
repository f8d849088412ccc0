namespace OneShot.AspNetCore.Tests.Http1.Late;

/// <summary>When a late act is done.</summary>
public enum Moment
{
    /// <summary>The request is over, and its connection waits for the next.</summary>
    Between,

    /// <summary>In the handler of the connection's next request, before it has done anything.</summary>
    NextHandler,

    /// <summary>The next request waits for its body.</summary>
    NextRead,

    /// <summary>The next response is half out.</summary>
    NextResponse,

    /// <summary>In the handler of a request on another connection, which has the arena by then.</summary>
    OtherHandler,

    /// <summary>The connection has ended.</summary>
    ConnectionEnded,
}

/// <summary>What the request was that has left things behind.</summary>
public enum Earlier
{
    /// <summary>A body by length, read to its end.</summary>
    Length,

    /// <summary>A body by length, read by half.</summary>
    HalfRead,

    /// <summary>Chunks and a trailer.</summary>
    Chunked,

    /// <summary>No body.</summary>
    None,

    /// <summary>An upgraded connection.</summary>
    Upgrade,

    /// <summary>A tunnel.</summary>
    Connect,
}

/// <summary>Which server it is done on.</summary>
public enum LateServer
{
    Front,
    Kestrel,
    FrontOnSockets,
    FrontOnTransport,
    TestServer,
}
