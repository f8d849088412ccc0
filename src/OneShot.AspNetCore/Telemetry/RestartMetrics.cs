using System.Diagnostics.Metrics;
using OneShot.AspNetCore.Restart;

namespace OneShot.AspNetCore.Telemetry;

/// <summary>
/// How far the process is on its way to a restart, and each source of memory that may bring it there, by the tag <c>source</c>: <c>arena</c>,
/// <c>heap</c> (the budget), <c>container</c>, <c>gc</c>. Read when somebody collects.
/// </summary>
internal sealed class RestartMetrics
{
    private const string Tag = "source";

    public RestartMetrics(IMeterFactory factory, RestartMonitor restart)
    {
        Meter meter = OneShotMeter.Of(factory);
        meter.CreateObservableGauge(
            "oneshot.restart.phase", () => (int)restart.Phase, "{phase}", "How far the process is on its way to a restart: 0 normal, 1 warning, 2 draining, 3 due.");
        meter.CreateObservableUpDownCounter(
            "oneshot.memory.limit", () => Of<long>(restart, static source => source.Limit), "By", "What makes a source of memory full, by source.");
        meter.CreateObservableUpDownCounter(
            "oneshot.memory.usage", () => Of<long>(restart, static source => source.Used), "By", "Memory in use that only a restart gives back, by source: what its thresholds are compared with.");
        meter.CreateObservableGauge(
            "oneshot.memory.drain_at", () => Of<double>(restart, static source => source.Ladder.DrainAt), "1", "The share of a source, from 0 to 1, from which this process drains, by source.");
        meter.CreateObservableGauge(
            "oneshot.memory.time_to_full", () => Of<double>(restart, static source => source.TimeToFull?.TotalSeconds), "s", "When a source of memory will be full at its present pace, by source. Absent while it is not filling.");
    }

    private static IEnumerable<Measurement<T>> Of<T>(RestartMonitor restart, Func<SourceReading, T?> value) where T : struct =>
        from source in restart.Read().Sources
        where source.IsLimited
        let number = value(source)
        where number.HasValue
        select new Measurement<T>(number.Value, new KeyValuePair<string, object?>(Tag, source.Source.Key));
}
