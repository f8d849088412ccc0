namespace OneShot.Benchmarks.Server;

/// <summary>Who answers.</summary>
internal enum ServerKind
{
    /// <summary>A loop that reads, parses nothing, runs no application and writes a constant: what the transport and the client cost.</summary>
    Bare,

    /// <summary>Stock Kestrel.</summary>
    Kestrel,

    /// <summary>Kestrel with the front.</summary>
    Front,
}
