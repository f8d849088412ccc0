using Microsoft.Extensions.Logging;
using OneShot.AspNetCore.Telemetry;

namespace OneShot.AspNetCore.Requests;

/// <summary>
/// The arenas of connections that take more under <see cref="ArenaReclamation.Never"/> than their budget: over a small process arena of their
/// own, whose memory comes back when a request ends. Who fills memory for sport fills this one, again and again, and brings no restart nearer.
/// </summary>
/// <remarks>Thread-safe. Ends with the container.</remarks>
internal sealed class OverBudgetArenas : IDisposable
{
    private readonly ProcessArena? _process;
    private readonly TimeProvider _time;
    private readonly long _bytesPerSecond;

    /// <param name="options">Of the small arena; null where connections have no budget.</param>
    /// <param name="bytesPerSecond">Of each connection; more than 0 where there is one.</param>
    /// <param name="logger">That of the pool.</param>
    /// <param name="metrics">Counts the requests that come here.</param>
    /// <param name="time">By which budgets are earned.</param>
    public OverBudgetArenas(
        ProcessArenaOptions? options, long bytesPerSecond, ILogger<RequestArenaPool>? logger = null, OverBudgetMetrics? metrics = null, TimeProvider? time = null)
    {
        _time = time ?? TimeProvider.System;
        _bytesPerSecond = bytesPerSecond;
        Metrics = metrics;
        if (options is not null)
        {
            _process = new ProcessArena(options);
            Pool = new RequestArenaPool(_process, logger, metrics: null, time);
        }
    }

    /// <summary>Null where connections have no budget.</summary>
    public RequestArenaPool? Pool { get; }

    /// <summary>Counts the requests that come here; null where there are no metrics.</summary>
    public OverBudgetMetrics? Metrics { get; }

    /// <summary>A new connection's budget; only where there is a pool.</summary>
    public ByteBudget NewBudget() => new(_bytesPerSecond, _time);

    public void Dispose()
    {
        Pool?.Dispose();
        _process?.Dispose();
    }
}
