namespace OneShot.LoadTest.Compare;

/// <summary>Everything a report of <c>compare</c> says.</summary>
internal sealed record ComparisonResult(
    string Tool, bool HeadersChange, Machine Machine, ComparisonOptions Options, IReadOnlyList<SetResult> Sets);
