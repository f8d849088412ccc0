using OneShot.LoadTest.Compare;
using OneShot.LoadTest.Servers;
using OneShot.LoadTest.Tail;
using OneShot.LoadTest.Tail.Load;

namespace OneShot.LoadTest.Tests.Tail;

/// <summary>Results of tail benchmarks, for what reads them.</summary>
internal static class Tails
{
    public static TailOptions Options { get; } = new(
        TailSides.Parse(TailSides.Default), [10_000], 1, TimeSpan.FromSeconds(300), TimeSpan.FromSeconds(10), 1_000, 64, 1_024, "2GiB", 256, Transport.Sockets);

    public static TailResult Result { get; } = new(
        new Machine("Example CPU", 8, "Example Linux 12", ".NET 10.0.12", DebugBuild: false),
        new Dictionary<string, string> { ["DOTNET_GCHeapCount"] = "2" },
        Options,
        [
            new TailSet(10_000,
            [
                Turn(TailSide.Stock, slow: 300, new GcStats(120, 12, 1), pauses: 12, []),
                Turn(TailSide.Front, slow: 200, new GcStats(110, 11, 1), pauses: 11, []),
                Turn(TailSide.Budget, slow: 3, new GcStats(1, 0, 0), pauses: 0,
                    [Mark(BudgetEvent.Entered, -11), Mark(BudgetEvent.Due, 180), Mark(BudgetEvent.Spent, 191)]),
                Turn(TailSide.Gen0Size, slow: 40, new GcStats(9, 2, 0), pauses: 3, []),
            ]),
        ]);

    /// <summary>100,000 requests: all but twenty take a millisecond, and those that long.</summary>
    public static TailTurn Turn(TailSide side, int slow, GcStats gc, int pauses, IReadOnlyList<BudgetMark> marks)
    {
        LatencyRecord latencies = new();
        for (int i = 0; i < 100_000; i++)
        {
            latencies.Add(TimeSpan.FromSeconds(i / 400), TimeSpan.FromMilliseconds(i % 5_000 == 0 ? slow : 1));
        }

        LatencyRecord hiccups = new();
        for (int i = 0; i < 300_000; i++)
        {
            hiccups.Add(TimeSpan.FromMilliseconds(i), TimeSpan.FromMicroseconds(i % 20_000 == 0 ? 12_000 : 60));
        }

        return new TailTurn(
            side, 0, latencies, new Dictionary<string, int>(), TimeSpan.FromMilliseconds(2), TimeSpan.FromMilliseconds(1), TimeSpan.Zero, 85.5, gc,
            [.. Enumerable.Range(0, pauses).Select(i => new TurnPause(TimeSpan.FromSeconds(20 * i), slow * 900))], marks, hiccups);
    }

    private static BudgetMark Mark(BudgetEvent what, double seconds) => new(what, TimeSpan.FromSeconds(seconds));
}
