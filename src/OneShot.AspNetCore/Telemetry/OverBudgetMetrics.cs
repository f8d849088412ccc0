using System.Diagnostics.Metrics;

namespace OneShot.AspNetCore.Telemetry;

/// <summary>How many requests had a reclaimed arena because their connection had used up its budget. A request within it costs nothing.</summary>
internal sealed class OverBudgetMetrics(IMeterFactory factory)
{
    private readonly Counter<long> _requests = OneShotMeter.Of(factory).CreateCounter<long>(
        "oneshot.arena.over_budget", unit: "{request}", description: "Requests under Never whose arena was a reclaimed one, since their connection had used up its budget.");

    public void Count() => _requests.Add(1);
}
