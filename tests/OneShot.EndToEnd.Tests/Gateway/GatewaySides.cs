using System.Collections.Concurrent;

namespace OneShot.EndToEnd.Tests.Gateway;

/// <summary>A gateway of each side, started when the first test asks for it and kept for the others: a start takes seconds.</summary>
public sealed class GatewaySides : IAsyncDisposable
{
    private readonly ConcurrentDictionary<GatewaySide, Lazy<Task<RunningGateway>>> _started = new();

    internal Task<RunningGateway> OfAsync(GatewaySide side) =>
        _started.GetOrAdd(side, static wanted => new Lazy<Task<RunningGateway>>(() => RunningGateway.StartAsync(wanted))).Value;

    public async ValueTask DisposeAsync()
    {
        foreach (Lazy<Task<RunningGateway>> gateway in _started.Values.Where(static lazy => lazy.Value.IsCompletedSuccessfully))
        {
            await (await gateway.Value).DisposeAsync();
        }
    }
}
