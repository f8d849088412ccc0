namespace OneShot.Differential.Tests.Comparison;

/// <summary>The one table of differences that are meant. Each has its row in <c>docs/http1-differences.md</c>, and each row its rule.</summary>
internal static class KnownDifferences
{
    internal static IReadOnlyList<KnownDifference> All { get; } =
        [.. HeadDifferences.All, .. BodyDifferences.All, .. AnswerDifferences.All, .. PassingDifferences.All];
}
