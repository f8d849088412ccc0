using System.Globalization;

namespace OneShot.Benchmarks.Server;

/// <summary>The server's own cost of a request, stock Kestrel against the front, over the floor of the transport.</summary>
internal static class ServerComparison
{
    internal static async Task RunAsync()
    {
        await using ServerSide floor = await ServerSide.StartAsync(ServerKind.Bare);
        await using ServerSide kestrel = await ServerSide.StartAsync(ServerKind.Kestrel);
        await using ServerSide front = await ServerSide.StartAsync(ServerKind.Front);
        Console.WriteLine("| request | floor ns | Kestrel ns | front ns | times as fast | above the floor | Kestrel B | front B |");
        Console.WriteLine("|---|---|---|---|---|---|---|---|");
        foreach (ServerScenario scenario in ServerScenario.All)
        {
            // The floor answers a write, not a request: it has no row of its own where one write brings many.
            Rounds rounds = await Rounds.RunAsync(scenario.BatchSize > 1 ? [kestrel, front] : [kestrel, front, floor], scenario, Rounds.Default);
            string floorTime = scenario.BatchSize > 1 ? "" : Format($"{rounds.Nanoseconds(2):F0}");
            string aboveFloor = scenario.BatchSize > 1 ? "" : Format($"{rounds.RatioAbove(2, 0, 1):F2}");
            Console.WriteLine(Format(
                $"| {scenario.Name} | {floorTime} | {rounds.Nanoseconds(0):F0} | {rounds.Nanoseconds(1):F0} | {rounds.Ratio(0, 1):F2} | {aboveFloor} | {rounds.Bytes(0):F0} | {rounds.Bytes(1):F0} |"));
        }
    }

    private static string Format(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
