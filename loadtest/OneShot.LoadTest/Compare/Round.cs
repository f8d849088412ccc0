namespace OneShot.LoadTest.Compare;

/// <summary>A run of each side, one right after the other: they met the same machine.</summary>
/// <param name="Runs">In the order of the sides, whichever went first.</param>
internal sealed record Round(IReadOnlyList<Run> Runs)
{
    /// <summary>Requests a second of a side over the first side's: more is better.</summary>
    public double ThroughputRatio(int side) => Runs[side].Load.RequestsPerSecond / Runs[0].Load.RequestsPerSecond;
}
