namespace OneShot.AspNetCore.Restart;

/// <summary>What is to be expected of the fill, as a log line tells it.</summary>
internal readonly record struct FillForecast(TimeSpan? TimeToFull)
{
    public override string ToString() => TimeToFull is { } time ? $"full in about {new WholeSeconds(time)}" : "not filling for certain";
}
