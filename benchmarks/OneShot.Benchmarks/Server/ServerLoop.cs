using System.Diagnostics;
using System.Globalization;

namespace OneShot.Benchmarks.Server;

/// <summary>One side, one row, over and over: something to point a profiler at.</summary>
internal static class ServerLoop
{
    internal static async Task RunAsync(ServerKind kind, int row, int seconds)
    {
        await using ServerSide side = await ServerSide.StartAsync(kind);
        ServerScenario scenario = ServerScenario.All[row];
        var client = new ServerClient(side.Connect());
        long start = Stopwatch.GetTimestamp();
        while (Stopwatch.GetElapsedTime(start).TotalSeconds < seconds)
        {
            Cost cost = await client.DriveAsync(scenario.Batches, scenario.BatchSize, requests: 200_000);
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{cost.Nanoseconds:F0} ns, {cost.Bytes:F0} B"));
        }
    }
}
