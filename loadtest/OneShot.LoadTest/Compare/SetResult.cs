using OneShot.LoadTest.Tools;

namespace OneShot.LoadTest.Compare;

/// <summary>All rounds with one header set.</summary>
/// <param name="Headers">What was sent.</param>
/// <param name="Rounds">In the order they were run.</param>
/// <param name="Capacity">Of the process arena, in bytes; 0 if no side has one.</param>
internal sealed record SetResult(HeaderSet Headers, IReadOnlyList<Round> Rounds, long Capacity)
{
    /// <summary>On average, as in <c>docs/operations.md</c>: 85 % less half of the jitter of 10 points.</summary>
    private const double DrainsAt = 0.8;

    /// <summary>The first one is what the others are compared with.</summary>
    public IReadOnlyList<SideResult> Sides { get; } =
        [.. Rounds[0].Runs.Select((run, side) => SideResult.Of(run.Side, Rounds.Select(round => round.Runs[side])))];

    public bool ArenaFull => Rounds.Any(round => round.Runs.Any(run => run.Cost.Memory is { ArenaFull: true }));

    /// <summary>How long a pod lives at the measured rate, until it drains; null where its arena is not used up.</summary>
    public TimeSpan? PodLife(int side) => Sides[side].LifeOf((long)(DrainsAt * Capacity));
}
