namespace OneShot.Differential.Tests.Comparison;

/// <summary>Holds two outcomes against each other and every difference against the table of those that are meant.</summary>
internal static class Judge
{
    /// <summary>Judges what came of the same bytes on both servers.</summary>
    /// <param name="input">What was sent.</param>
    /// <param name="stock">What came of it on Kestrel.</param>
    /// <param name="front">What came of it on the front.</param>
    /// <param name="rules">Receives the ids of the rules that were needed.</param>
    /// <returns>The first divergence that no rule explains; null when there is none.</returns>
    internal static Divergence? FirstUnexplained(byte[] input, Outcome stock, Outcome front, ISet<string>? rules = null)
    {
        int count = OutcomeComparer.Count(stock, front);
        for (int exchange = 0; exchange <= count; exchange++)
        {
            List<Difference> differences = OutcomeComparer.Compare(stock, front, exchange);
            if (differences.Count == 0)
            {
                continue;
            }

            var divergence = new Divergence(new InputBytes(input), stock, front, exchange, differences);
            List<Difference> left = [.. differences.Where(difference => !Passes(divergence, difference, rules))];
            if (left.Count == 0)
            {
                continue;
            }

            divergence = divergence with { Differences = left };
            if (KnownDifferences.All.OfType<EndingDifference>().FirstOrDefault(rule => rule.Explains(divergence)) is not { } ending)
            {
                return divergence;
            }

            rules?.Add(ending.Id);
            return null;
        }

        return null;
    }

    private static bool Passes(Divergence divergence, Difference difference, ISet<string>? rules)
    {
        PassingDifference? rule = KnownDifferences.All.OfType<PassingDifference>().FirstOrDefault(rule => rule.Explains(divergence, difference));
        if (rule is not null)
        {
            rules?.Add(rule.Id);
        }

        return rule is not null;
    }
}
