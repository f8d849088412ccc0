using System.Collections.Concurrent;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Connections.Features;

namespace OneShot.AspNetCore.Tests.Http1;

/// <summary>Stands in for Kestrel's metrics: offers each connection the tags, and keeps what was in them when it ended.</summary>
internal sealed class ConnectionTags
{
    private readonly ConcurrentQueue<IReadOnlyDictionary<string, object?>> _ended = new();

    /// <summary>The tags of the connections that have ended, in that order.</summary>
    internal IReadOnlyList<IReadOnlyDictionary<string, object?>> Ended => [.. _ended];

    internal ConnectionDelegate Wrap(ConnectionDelegate next) => async connection =>
    {
        var feature = new Feature();
        connection.Features.Set<IConnectionMetricsTagsFeature>(feature);
        try
        {
            await next(connection);
        }
        finally
        {
            _ended.Enqueue(new Dictionary<string, object?>(feature.Tags));
        }
    };

    private sealed class Feature : IConnectionMetricsTagsFeature
    {
        public ICollection<KeyValuePair<string, object?>> Tags { get; } = [];
    }
}
