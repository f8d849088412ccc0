using System.Diagnostics.Metrics;
using OneShot.AspNetCore.Restart;

namespace OneShot.AspNetCore.Telemetry;

/// <summary>The state of the heap budget, read when somebody collects. Without a budget there are no measurements.</summary>
internal sealed class HeapMetrics
{
    public HeapMetrics(IMeterFactory factory, HeapBudget budget, RestartMonitor restart)
    {
        Meter meter = OneShotMeter.Of(factory);
        meter.CreateObservableUpDownCounter(
            "oneshot.heap.limit", () => IfAny(budget, budget.Limit), "By", "The heap budget: what may be allocated without a collection.");
        meter.CreateObservableUpDownCounter(
            "oneshot.heap.usage", () => IfAny(budget, budget.Used), "By", "Bytes allocated on the heap of the GC since the budget began.");
        meter.CreateObservableCounter(
            "oneshot.heap.entries", () => IfAny(budget, budget.Entries), "{entry}", "How often the budget began: once, and again after each collection that something else asked for.");
        meter.CreateObservableCounter(
            "oneshot.heap.exhaustions", () => IfAny(budget, budget.Exhaustions), "{exhaustion}", "How often the budget was spent before the restart came, or not granted again, and collection resumed.");
        meter.CreateObservableGauge(
            "oneshot.heap.time_to_full", () => TimeToFull(restart), "s", "When the heap budget will be spent at its present pace. Absent while it is not filling.");
    }

    private static Measurement<long>[] IfAny(HeapBudget budget, long value) => budget.State == HeapBudgetState.Off ? [] : [new(value)];

    private static Measurement<double>[] TimeToFull(RestartMonitor restart) =>
        restart.Read(HeapBudget.KeyOfSource)?.TimeToFull is { } left ? [new(left.TotalSeconds)] : [];
}
