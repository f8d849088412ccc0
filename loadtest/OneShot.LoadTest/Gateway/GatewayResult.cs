using OneShot.LoadTest.Compare;

namespace OneShot.LoadTest.Gateway;

/// <summary>What <c>gateway</c> was asked to do.</summary>
/// <param name="Sides">At least two; the first one is what the others are compared with.</param>
/// <param name="Subjects">How many callers there are, each with a token of its own.</param>
internal sealed record GatewayOptions(
    IReadOnlyList<GatewaySide> Sides, IReadOnlyList<GatewayRoute> Routes, int Rounds, TimeSpan Duration, TimeSpan WarmUp, int Connections, int Subjects);

/// <summary>Everything a report of <c>gateway</c> says.</summary>
internal sealed record GatewayResult(string Tool, bool HeadersChange, Machine Machine, GatewayOptions Options, IReadOnlyList<RouteResult> Routes);

/// <summary>All rounds on one route.</summary>
/// <param name="Route">What was asked for.</param>
/// <param name="Rounds">In the order they were run.</param>
internal sealed record RouteResult(GatewayRoute Route, IReadOnlyList<Round> Rounds)
{
    /// <summary>The first one is what the others are compared with.</summary>
    public IReadOnlyList<SideResult> Sides { get; } = SideResult.Each(Rounds);

    public bool ArenaFull => Round.AnyArenaFull(Rounds);
}
