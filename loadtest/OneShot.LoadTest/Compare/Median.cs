namespace OneShot.LoadTest.Compare;

internal static class Median
{
    /// <summary>The middle one, or the mean of the two middle ones. NaN of nothing.</summary>
    public static double Of(IEnumerable<double> values)
    {
        double[] sorted = [.. values.Order()];
        return sorted.Length == 0 ? double.NaN : (sorted[(sorted.Length - 1) / 2] + sorted[sorted.Length / 2]) / 2;
    }
}
