using Microsoft.AspNetCore.Connections.Features;
using Microsoft.AspNetCore.Http.Features;

namespace OneShot.AspNetCore.Http1;

/// <summary>What Kestrel's metrics of a connection learn from the front: the protocol, and what it ended with.</summary>
/// <remarks>Kestrel offers the tags only while somebody listens to its meter, and reads them when the connection has ended. A request costs nothing.</remarks>
internal static class ConnectionMetricsTags
{
    /// <summary>As Kestrel: 1.1 is what the server speaks, also to a client of 1.0.</summary>
    internal static void TagProtocol(IFeatureCollection connection)
    {
        if (connection.Get<IConnectionMetricsTagsFeature>() is { } metrics)
        {
            Tag(metrics, "network.protocol.name", "http");
            Tag(metrics, "network.protocol.version", "1.1");
        }
    }

    internal static void TagError(IFeatureCollection connection, string? error)
    {
        if (error is not null && connection.Get<IConnectionMetricsTagsFeature>() is { } metrics)
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
