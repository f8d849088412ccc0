namespace OneShot.EndToEnd.Tests.Servers;

/// <summary>The same application on three servers: without the line, with it, and with it and memory that comes back.</summary>
public enum ServerKind
{
    /// <summary>Stock Kestrel: <c>UseOneShotHttp1()</c> and the arena are not called at all.</summary>
    Kestrel,

    /// <summary>The front, as a newcomer adds it: nothing is ever freed.</summary>
    Front,

    /// <summary>The front, with memory that is cleared and used again after each request.</summary>
    FrontPerRequest,
}
