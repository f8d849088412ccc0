namespace OneShot.Benchmarks.Transport;

/// <summary>The end points of a server under load, in the order in which it lists them.</summary>
internal enum TransportEndpoint
{
    /// <summary>HTTP/1.1.</summary>
    Plain,

    /// <summary>HTTP/1.1 over TLS.</summary>
    Tls,

    /// <summary>HTTP/2 without TLS, of which the client knows beforehand.</summary>
    Http2,
}
