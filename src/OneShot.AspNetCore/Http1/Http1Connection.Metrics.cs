using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Connections.Features;

namespace OneShot.AspNetCore.Http1;

/// <summary>What Kestrel's metrics of a connection learn from the front: the protocol, and what it ended with.</summary>
/// <remarks>
/// Kestrel offers the tags only while somebody listens to its meter, and reads them when the connection has ended. Of several
/// errors the first counts. A request costs nothing.
/// </remarks>
internal sealed partial class Http1Connection
{
    private string? _error;

    /// <summary>Something has gone wrong that ends the connection. Thread-safe; what comes later changes nothing.</summary>
    /// <param name="errorType">A value of <c>error.type</c>.</param>
    internal void EndsWith(string errorType) => Interlocked.CompareExchange(ref _error, errorType, null);

    internal void EndsWith(Exception exception) => EndsWith(exception switch
    {
        ConnectionResetException => ConnectionError.Reset,
        ConnectionAbortedException when _stopRequested => ConnectionError.ShutdownTimeout, // by the server, whose patience has ended
        IOException or ConnectionAbortedException => ConnectionError.Io,
        _ => ConnectionError.Other,
    });

    /// <summary>As Kestrel: 1.1 is what the server speaks, also to a client of 1.0.</summary>
    private void TagProtocol()
    {
        if (transport.Features.Get<IConnectionMetricsTagsFeature>() is { } metrics)
        {
            Tag(metrics, "network.protocol.name", "http");
            Tag(metrics, "network.protocol.version", "1.1");
        }
    }

    private void TagError()
    {
        if (Volatile.Read(ref _error) is { } error && transport.Features.Get<IConnectionMetricsTagsFeature>() is { } metrics)
        {
            Tag(metrics, "error.type", error);
        }
    }

    /// <summary>Whatever has set a tag before keeps it: Kestrel's own HTTP, which stands behind the front where TLS is handed over.</summary>
    private static void Tag(IConnectionMetricsTagsFeature metrics, string name, string value)
    {
        foreach (KeyValuePair<string, object?> tag in metrics.Tags)
        {
            if (tag.Key == name)
            {
                return;
            }
        }

        metrics.Tags.Add(new KeyValuePair<string, object?>(name, value));
    }
}
