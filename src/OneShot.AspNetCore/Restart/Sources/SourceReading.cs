namespace OneShot.AspNetCore.Restart;

/// <summary>One source as it was seen at one moment.</summary>
/// <param name="Source">What fills.</param>
/// <param name="Phase">To which it has brought the process.</param>
/// <param name="Used">Bytes in use.</param>
/// <param name="Ladder">The thresholds that it was held against.</param>
/// <param name="TimeToFull">Null while it is not filling, or not watched for long enough to tell.</param>
/// <param name="HeldBack">How long <see cref="RestartOptions.MinLife"/> still keeps the process from the next step, which it would take by its fill; null where it does not.</param>
internal readonly record struct SourceReading(
    IMemorySource Source, RestartPhase Phase, long Used, RestartLadder Ladder, TimeSpan? TimeToFull, TimeSpan? HeldBack)
{
    public long Limit => Source.Limit;

    /// <summary>False where the limit was taken away while the process runs.</summary>
    public bool IsLimited => Limit != MemoryReading.NoLimit;

    /// <summary>From 0 to 1.</summary>
    public double Utilization => (double)Used / Limit;
}
