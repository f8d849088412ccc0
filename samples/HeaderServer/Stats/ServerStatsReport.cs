using System.Text.Json.Serialization;

namespace HeaderServer.Stats;

/// <summary>The shape of <c>/stats</c>. Load tests read it: a changed name is a broken report.</summary>
internal sealed record ServerStatsReport(
    string Front,
    string Transport,
    string Reclamation,
    ProcessArenaReport ProcessArena,
    HeapBudgetReport? Heap,
    MemorySourceReport[] Memory,
    long Requests,
    long ManagedBytesAllocated,
    long CpuMicroseconds,
    GcReport Gc,
    string RestartPhase,
    double? TimeToFullSeconds);

internal sealed record ProcessArenaReport(long Capacity, long Used, double Utilization);

/// <summary>The heap budget; there is none unless <c>OneShot:Heap:Budget</c> asks for it.</summary>
internal sealed record HeapBudgetReport(string State, long Limit, long Used, long Entries, long Exhaustions);

/// <summary>A source of the restart ladder: <c>arena</c>, <c>heap</c>, <c>container</c>, <c>gc</c>.</summary>
internal sealed record MemorySourceReport(string Source, long Limit, long Used, double DrainAt, double? TimeToFullSeconds);

internal sealed record GcReport(int Gen0, int Gen1, int Gen2);

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
[JsonSerializable(typeof(ServerStatsReport))]
[JsonSerializable(typeof(GcPause[]))]
[JsonSerializable(typeof(LifeFigures))]
internal sealed partial class StatsJson : JsonSerializerContext;
