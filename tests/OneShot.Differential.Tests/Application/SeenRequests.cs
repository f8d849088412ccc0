using System.Collections.Concurrent;

namespace OneShot.Differential.Tests.Application;

/// <summary>What the application has seen, by connection: also of requests whose answer never went out.</summary>
internal sealed class SeenRequests
{
    private readonly ConcurrentDictionary<string, List<(string Method, string Json)>> _byConnection = new();

    internal void Add(string connectionId, SeenRequest request)
    {
        List<(string Method, string Json)> list = _byConnection.GetOrAdd(connectionId, static _ => []);
        lock (list)
        {
            list.Add((request.Method, request.ToJson()));
        }
    }

    /// <summary>Everything that came in over a connection, which has ended.</summary>
    internal IReadOnlyList<(string Method, string Json)> Take(string connectionId) =>
        _byConnection.TryRemove(connectionId, out List<(string Method, string Json)>? list) ? list : [];
}
