namespace OneShot.LoadTest.Compare;

/// <summary>In which order the sides are loaded.</summary>
internal static class Turns
{
    /// <summary>
    /// Round by round the order turns by one, so that no side always comes first: a machine that cools down meanwhile, or that others
    /// use at the beginning of a round, hits every side as often as any other.
    /// </summary>
    public static IEnumerable<int> Of(int sides, int round) => Enumerable.Range(0, sides).Select(turn => (turn + round) % sides);
}
