using OneShot;

namespace Gateway.Management;

/// <summary>Counts what the process has spent since this object was made; collections, since the process began. Thread-safe.</summary>
/// <param name="lines">By the settings.</param>
/// <param name="transport">That is in use.</param>
internal sealed class GatewayStats(OneShotLines lines, string transport)
{
    private readonly long _allocated = GC.GetTotalAllocatedBytes(precise: true);
    private readonly TimeSpan _cpu = Environment.CpuUsage.TotalTime;
    private long _requests;

    /// <summary>Every request that reaches the gateway counts, also one that is refused; none of the management address.</summary>
    public RequestDelegate Count(RequestDelegate next) => context =>
    {
        Interlocked.Increment(ref _requests);
        return next(context);
    };

    /// <param name="arena">Null where neither front nor token cache has one.</param>
    public GatewayStatsReport Read(ProcessArena? arena) => new(
        lines.Front,
        lines.TokenCache,
        transport,
        new ArenaReport(arena?.Capacity ?? 0, arena?.Used ?? 0),
        Interlocked.Read(ref _requests),
        GC.GetTotalAllocatedBytes(precise: true) - _allocated,
        (long)(Environment.CpuUsage.TotalTime - _cpu).TotalMicroseconds,
        new GcReport(GC.CollectionCount(0), GC.CollectionCount(1), GC.CollectionCount(2)));
}

/// <summary>The shape of <c>/stats</c>. The load test reads it: a changed name is a broken report.</summary>
internal sealed record GatewayStatsReport(
    bool Front, bool TokenCache, string Transport, ArenaReport ProcessArena, long Requests, long ManagedBytesAllocated, long CpuMicroseconds, GcReport Gc);

internal sealed record ArenaReport(long Capacity, long Used);

internal sealed record GcReport(int Gen0, int Gen1, int Gen2);
