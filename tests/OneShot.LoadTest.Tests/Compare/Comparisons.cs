using OneShot.LoadTest.Compare;
using OneShot.LoadTest.Servers;
using OneShot.LoadTest.Tools;

namespace OneShot.LoadTest.Tests.Compare;

/// <summary>Results of comparisons, for what reads them.</summary>
internal static class Comparisons
{
    private static readonly Side[] s_sides = [new SampleSide(Front.Kestrel, Transport.Sockets), new SampleSide(Front.OneShot, Transport.OneShot), new NginxSide()];

    public static ComparisonResult Result { get; } = new(
        "wrk",
        HeadersChange: true,
        new Machine("Example CPU", 8, "Example Linux 12", ".NET 10.0.12", DebugBuild: false),
        new ComparisonOptions(s_sides, [HeaderSets.Tiny, HeaderSets.Browser], 3, TimeSpan.FromSeconds(5), TimeSpan.FromSeconds(3), 64, "/plaintext", "8GiB", "Never"),
        [Set(HeaderSets.Tiny, 1), Set(HeaderSets.Browser, 2)]);

    public static SetResult Set(HeaderSet headers, double slower) => new(
        headers,
        [
            Round(50_000 / slower, 75_000 / slower, 70_000 / slower, slower),
            Round(40_000 / slower, 80_000 / slower, 72_000 / slower, slower),
            Round(60_000 / slower, 66_000 / slower, 69_000 / slower, slower),
        ],
        8L << 30);

    public static Run WithFullArena(Run run) => run with { Cost = run.Cost with { Memory = run.Cost.Memory! with { ArenaFull = true } } };

    private static Round Round(double kestrel, double front, double nginx, double slower) => new(
    [
        Run(s_sides[0], kestrel, 2_800 * slower, new ServerCost(20 * slower, new MemoryCost(1_224 * slower, 0, new GcStats(12, 2, 0), ArenaFull: false))),
        Run(s_sides[1], front, 2_100 * slower, new ServerCost(12 * slower, new MemoryCost(0, 528 * slower, new GcStats(0, 0, 0), ArenaFull: false))),
        Run(s_sides[2], nginx, 1_400 * slower, new ServerCost(8 * slower, Memory: null)),
    ]);

    private static Run Run(Side side, double requestsPerSecond, double p99, ServerCost cost) => new(
        side, new LoadOutcome((long)(requestsPerSecond * 5), TimeSpan.FromSeconds(5), new Latencies(p99 / 4, p99 / 2, p99, 50_000), 0, 0, []), cost);
}
