using System.Diagnostics;
using OneShot;
using OneShot.AspNetCore.Restart;

namespace HeaderServer.Stats;

/// <summary>Counts what the process has spent since this object was made, which is when the server was built.</summary>
internal sealed class ServerStats(Front front, Transport transport)
{
    private readonly long _allocated = GC.GetTotalAllocatedBytes(precise: true);
    private readonly TimeSpan _cpu = Environment.CpuUsage.TotalTime;
    private readonly int _gen0 = GC.CollectionCount(0);
    private readonly int _gen1 = GC.CollectionCount(1);
    private readonly int _gen2 = GC.CollectionCount(2);
    private readonly long _started = Stopwatch.GetTimestamp();
    private long _requests;

    public Front Front => front;

    /// <summary>What serves in fact, which need not be what was asked for.</summary>
    public Transport Transport => transport;

    public TimeSpan Uptime => Stopwatch.GetElapsedTime(_started);

    /// <summary>The outermost middleware: every request that reaches the application counts, also one that fails.</summary>
    public RequestDelegate Count(RequestDelegate next) => context =>
    {
        Interlocked.Increment(ref _requests);
        return next(context);
    };

    public ServerStatsReport Read(ProcessArena arena, HeapBudget heap, RestartMonitor restart) => new(
        front.ToString(),
        transport.ToString(),
        arena.Reclamation.ToString(),
        new ProcessArenaReport(arena.Capacity, arena.Used, arena.Utilization),
        heap.State == HeapBudgetState.Off ? null : new HeapBudgetReport(heap.State.ToString(), heap.Limit, heap.Used, heap.Entries, heap.Exhaustions),
        [.. restart.ReadSources().Select(static source => new MemorySourceReport(source.Source, source.Limit, source.Used, source.DrainAt, source.TimeToFull?.TotalSeconds))],
        Interlocked.Read(ref _requests),
        GC.GetTotalAllocatedBytes(precise: true) - _allocated,
        (long)(Environment.CpuUsage.TotalTime - _cpu).TotalMicroseconds,
        new GcReport(GC.CollectionCount(0) - _gen0, GC.CollectionCount(1) - _gen1, GC.CollectionCount(2) - _gen2),
        restart.Phase.ToString(),
        restart.TimeToFull?.TotalSeconds);
}
