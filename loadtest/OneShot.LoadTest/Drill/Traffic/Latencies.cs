namespace OneShot.LoadTest.Drill.Traffic;

/// <summary>How long answers took, of those that came: what restarts cost whoever waits for one.</summary>
internal sealed record Latencies(TimeSpan Median, TimeSpan P99, TimeSpan P999, TimeSpan Longest)
{
    /// <summary>All zero where there are none.</summary>
    public static Latencies Of(IEnumerable<TimeSpan> answers)
    {
        TimeSpan[] sorted = [.. answers.Order()];
        TimeSpan At(double share) => sorted.Length == 0 ? TimeSpan.Zero : sorted[(int)Math.Ceiling(share * sorted.Length) - 1];
        return new Latencies(At(0.5), At(0.99), At(0.999), At(1));
    }
}
