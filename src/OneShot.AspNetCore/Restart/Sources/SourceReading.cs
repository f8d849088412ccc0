namespace OneShot.AspNetCore.Restart;

/// <summary>One source as it was seen at one moment.</summary>
internal readonly record struct SourceReading(IMemorySource Source, RestartPhase Phase, long Used, RestartLadder Ladder, TimeSpan? TimeToFull)
{
    public long Limit => Source.Limit;

    /// <summary>From 0 to 1.</summary>
    public double Utilization => (double)Used / Limit;
}
