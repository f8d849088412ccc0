using System.Diagnostics.Metrics;
using OneShot.AspNetCore.Restart;

namespace OneShot.AspNetCore.Telemetry;

/// <summary>The state of the process arena. All of it is read when somebody collects, and nothing is counted for it before.</summary>
internal sealed class ArenaMetrics
{
    private static readonly KeyValuePair<string, object?> s_full = new("reason", "full");
    private static readonly KeyValuePair<string, object?> s_large = new("reason", "large");

    public ArenaMetrics(IMeterFactory factory, ProcessArena process, RestartMonitor restart)
    {
        Meter meter = OneShotMeter.Of(factory);
        meter.CreateObservableUpDownCounter(
            "oneshot.arena.limit", () => process.Capacity, "By", "The hard cap of the process arena.");
        meter.CreateObservableUpDownCounter(
            "oneshot.arena.usage", () => process.Used, "By", "Memory of the process arena in use: handed out, or held by requests.");
        meter.CreateObservableGauge(
            "oneshot.arena.utilization", () => restart.Read(ArenaSource.KeyOfSource)?.Utilization ?? 0, "1", "The share in use, from 0 to 1, of what blocks can take of the process arena: what the restart's thresholds are compared with.");
        meter.CreateObservableCounter(
            "oneshot.arena.fallbacks", () => Fallbacks(process), "{fallback}", "Blocks taken from the GC because the process arena was full, or had no room for one this large.");
        meter.CreateObservableCounter(
            "oneshot.arena.refusals", () => process.Refusals, "{refusal}", "Allocations that were refused because the process arena was full, or had no room for one this large.");
        meter.CreateObservableGauge(
            "oneshot.arena.time_to_full", () => TimeToFull(restart), "s", "When the process arena will be full at its present pace. Absent while it is not filling.");
    }

    private static Measurement<long>[] Fallbacks(ProcessArena process)
    {
        // The two counters alone: for all statistics every arena is looked at.
        long large = process.LargeFallbackBlocks;
        return
        [
            new(process.FallbackBlocks - large, s_full),
            new(large, s_large),
        ];
    }

    private static Measurement<double>[] TimeToFull(RestartMonitor restart) =>
        restart.Read(ArenaSource.KeyOfSource)?.TimeToFull is { } left ? [new(left.TotalSeconds)] : [];
}
