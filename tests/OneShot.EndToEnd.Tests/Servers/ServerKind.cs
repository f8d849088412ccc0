namespace OneShot.EndToEnd.Tests.Servers;

/// <summary>The same application on five servers: without a line, with the front's, with the transport's, and with both.</summary>
public enum ServerKind
{
    /// <summary>Stock Kestrel: <c>UseOneShotHttp1()</c> and the arena are not called at all.</summary>
    Kestrel,

    /// <summary>The front, as a newcomer adds it: nothing is ever freed.</summary>
    Front,

    /// <summary>The front, with memory that is cleared and used again after each request.</summary>
    FrontPerRequest,

    /// <summary>Stock Kestrel's HTTP on the transport.</summary>
    KestrelOnTransport,

    /// <summary>The front, as <see cref="FrontPerRequest"/>, on the transport.</summary>
    FrontOnTransport,
}
