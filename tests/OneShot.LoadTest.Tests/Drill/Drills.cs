using OneShot.LoadTest.Drill;
using OneShot.LoadTest.Drill.Traffic;

namespace OneShot.LoadTest.Tests.Drill;

/// <summary>Results of drills as they come out, for what reads them.</summary>
internal static class Drills
{
    public static DrillResult Good { get; } = new(
        new DrillOptions(DrillMode.Kubernetes, 3, 2, TimeSpan.FromMinutes(10), "7MiB", 1_000, 32, 60, InStep: false),
        TimeSpan.FromSeconds(33.5),
        32_492,
        new Dictionary<string, int>(),
        new Latencies(TimeSpan.FromMilliseconds(1), TimeSpan.FromMilliseconds(9), TimeSpan.FromMilliseconds(41), TimeSpan.FromMilliseconds(1_250)),
        [Restart(0), Restart(1)],
        new TimelineResult(
            [.. Enumerable.Range(0, 3).Select(_ => Enum.GetValues<ReplicaPhase>().ToDictionary(phase => phase, phase => TimeSpan.FromSeconds((int)phase)))],
            [TimeSpan.Zero, TimeSpan.Zero, TimeSpan.FromSeconds(12.6), TimeSpan.FromSeconds(20.9)],
            [TimeSpan.FromSeconds(4.1), TimeSpan.FromSeconds(4.5)]),
        Retries: 0,
        LastResort: 0,
        Unfinished: null);

    public static Restart Restart(int replica) =>
        new(replica, TimeSpan.FromSeconds(10), TimeSpan.FromSeconds(12.7 + replica), 0, TimeSpan.FromSeconds(0.1), ReplicaPhase.Draining, Killed: false);
}
