using OneShot.LoadTest.Compare;
using OneShot.LoadTest.Gateway;
using OneShot.LoadTest.Servers;
using OneShot.LoadTest.Tools;

namespace OneShot.LoadTest.Tests.Gateway;

/// <summary>A result of <c>gateway</c>, for what reads it.</summary>
internal static class Gateways
{
    private static readonly IReadOnlyList<GatewaySide> s_sides = GatewaySideList.Parse("stock,front+cache,all");

    public static GatewayResult Result { get; } = new(
        "wrk",
        HeadersChange: true,
        new Machine("Example CPU", 8, "Example Linux 12", ".NET 10.0.12", DebugBuild: false),
        new GatewayOptions(s_sides, GatewayRoute.All, 2, TimeSpan.FromSeconds(5), TimeSpan.FromSeconds(3), 64, 100),
        [.. GatewayRoute.All.Select((route, index) => new RouteResult(route, [RoundOf(index + 1, 1), RoundOf(index + 1, 1.2)]))]);

    private static Round RoundOf(double faster, double noise) => new(
    [
        RunOf(0, 5_000 * faster, 20_000, 100 * noise, 15_000),
        RunOf(1, 6_000 * faster, 16_000, 60, 8_000),
        RunOf(2, 7_000 * faster, 950, 50, 8_000),
    ]);

    private static Run RunOf(int side, double requestsPerSecond, double p99, double cpu, double managedBytes) => new(
        s_sides[side],
        new LoadOutcome((long)(requestsPerSecond * 5), TimeSpan.FromSeconds(5), new Latencies(p99 / 4, p99 / 2, p99, 50_000), 0, 0, []),
        new ServerCost(cpu, new MemoryCost(managedBytes, 0, new GcStats(1, 0, 0), ArenaFull: false)));
}
