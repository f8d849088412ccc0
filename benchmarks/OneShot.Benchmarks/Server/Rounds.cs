namespace OneShot.Benchmarks.Server;

/// <summary>
/// Sides that take turns, round after round, within one run: a noisy machine slows the sides of a round alike, so the
/// ratio within rounds is the figure to quote.
/// </summary>
internal sealed class Rounds
{
    private const int Warmups = 5;

    private readonly List<Cost[]> _rounds = [];

    /// <summary>How many rounds, and how many requests each side answers in one.</summary>
    internal static (int Rounds, int Requests) Default => (31, 20_000);

    internal static async Task<Rounds> RunAsync(IReadOnlyList<ServerSide> sides, ServerScenario scenario, (int Rounds, int Requests) size)
    {
        ServerClient[] clients = [.. sides.Select(side => new ServerClient(side.Connect()))];
        var rounds = new Rounds();
        for (int round = -Warmups; round < size.Rounds; round++)
        {
            var costs = new Cost[sides.Count];
            for (int side = 0; side < costs.Length; side++)
            {
                costs[side] = await clients[side].DriveAsync(scenario.Batches, scenario.BatchSize, size.Requests);
            }

            if (round >= 0)
            {
                rounds._rounds.Add(costs);
            }
        }

        return rounds;
    }

    /// <summary>The median time of a side, in nanoseconds.</summary>
    internal double Nanoseconds(int side) => Median(round => round[side].Nanoseconds);

    /// <summary>The median over the rounds of what one side takes, in terms of another.</summary>
    internal double Ratio(int side, int other) => Median(round => round[side].Nanoseconds / round[other].Nanoseconds);

    /// <summary>The same, of what each takes above the floor.</summary>
    internal double RatioAbove(int floor, int side, int other) => Median(round =>
        (round[side].Nanoseconds - round[floor].Nanoseconds) / (round[other].Nanoseconds - round[floor].Nanoseconds));

    /// <summary>The managed bytes of a request: the least of all rounds, since others' allocations may stray into one.</summary>
    internal double Bytes(int side) => _rounds.Min(round => round[side].Bytes);

    private double Median(Func<Cost[], double> figure) => _rounds.Select(figure).Order().ElementAt(_rounds.Count / 2);
}
