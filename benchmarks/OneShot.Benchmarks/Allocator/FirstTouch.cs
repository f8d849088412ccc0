using System.Globalization;
using OneShot.Benchmarks.Server;

namespace OneShot.Benchmarks.Allocator;

/// <summary>
/// What the first touch of memory costs the thread that happens to make it: a page allocated and one byte written in it, 65,536 times. Each way
/// in an arena of its own, and all of them three times over: where a hypervisor backs memory at its first touch, what an earlier round has
/// touched and given back is cheaper than what nobody ever had.
/// </summary>
internal static class FirstTouch
{
    private const int Rounds = 3;
    private const int PageBytes = 4096;
    private const int Pages = 65_536;
    private const long Room = (long)Pages * PageBytes;

    private static readonly (string Name, ProcessArenaOptions Options)[] s_ways =
    [
        ("a page at a time", new() { PopulateStep = 0 }),
        ("by steps of 64 KiB", new() { PopulateStep = 64 << 10 }),
        ("by steps of 256 KiB, the default", new()),
        ("by steps of 2 MiB", new() { PopulateStep = 2 << 20 }),
        ("`HugePages`", new() { HugePages = true }),
        ("`HugePages`, `PopulateAtStart`", new() { HugePages = true, PopulateAtStart = true }),
        ("`PreTouch`, the thread ahead", new() { PreTouch = Room }),
    ];

    internal static void Run()
    {
        Console.WriteLine($"| ns a page of 4 KiB | {string.Join(" | ", Enumerable.Range(1, Rounds).Select(round => $"round {round}"))} |");
        Console.WriteLine($"|---|{string.Concat(Enumerable.Repeat("---|", Rounds))}");
        double[,] costs = new double[s_ways.Length, Rounds];
        for (int round = 0; round < Rounds; round++)
        {
            for (int way = 0; way < s_ways.Length; way++)
            {
                costs[way, round] = Measure(s_ways[way].Options);
            }
        }

        for (int way = 0; way < s_ways.Length; way++)
        {
            IEnumerable<string> cells = Enumerable.Range(0, Rounds).Select(round => costs[way, round].ToString("#,0", CultureInfo.InvariantCulture));
            Console.WriteLine($"| {s_ways[way].Name} | {string.Join(" | ", cells)} |");
        }
    }

    private static double Measure(ProcessArenaOptions options)
    {
        options.Capacity = Room + PageBytes;
        long before = Environment.WorkingSet;
        using var process = new ProcessArena(options);
        process.Allocate(PageBytes)[0] = 1;
        if (options.PreTouch > 0)
        {
            SpinWait.SpinUntil(() => Environment.WorkingSet - before >= Room, TimeSpan.FromSeconds(10));
        }

        double start = ThreadClock.Nanoseconds;
        for (int page = 0; page < Pages; page++)
        {
            process.Allocate(PageBytes)[0] = 1;
        }

        return (ThreadClock.Nanoseconds - start) / Pages;
    }
}
