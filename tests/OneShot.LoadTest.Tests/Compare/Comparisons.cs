using OneShot.LoadTest.Compare;
using OneShot.LoadTest.Servers;
using OneShot.LoadTest.Tools;

namespace OneShot.LoadTest.Tests.Compare;

/// <summary>Results of comparisons, for what reads them.</summary>
internal static class Comparisons
{
    public static ComparisonResult Result { get; } = new(
        "wrk",
        HeadersChange: true,
        new Machine("Example CPU", 8, "Example Linux 12", ".NET 10.0.12", DebugBuild: false),
        new ComparisonOptions([HeaderSets.Tiny, HeaderSets.Browser], 3, TimeSpan.FromSeconds(5), TimeSpan.FromSeconds(3), 64, "/plaintext", "8GiB", "Never"),
        [Set(HeaderSets.Tiny, 1), Set(HeaderSets.Browser, 2)]);

    public static SetResult Set(HeaderSet headers, double slower) => new(
        headers,
        [
            new RoundPair(Round(Front.Kestrel, 50_000 / slower, slower), Round(Front.OneShot, 75_000 / slower, slower)),
            new RoundPair(Round(Front.Kestrel, 40_000 / slower, slower), Round(Front.OneShot, 80_000 / slower, slower)),
            new RoundPair(Round(Front.Kestrel, 60_000 / slower, slower), Round(Front.OneShot, 66_000 / slower, slower)),
        ],
        8L << 30);

    private static Round Round(Front front, double requestsPerSecond, double slower)
    {
        bool kestrel = front == Front.Kestrel;
        return new Round(
            front,
            new LoadOutcome((long)(requestsPerSecond * 5), TimeSpan.FromSeconds(5), new Latencies(700 * slower, 1_300 * slower, (kestrel ? 2_800 : 2_100) * slower, 50_000), 0, 0, []),
            new ServerCost((kestrel ? 20 : 12) * slower, kestrel ? 1_224 * slower : 0, kestrel ? 0 : 528 * slower, kestrel ? new GcStats(12, 2, 0) : new GcStats(0, 0, 0), ArenaFull: false));
    }
}
