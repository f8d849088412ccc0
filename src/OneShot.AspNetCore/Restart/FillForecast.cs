namespace OneShot.AspNetCore.Restart;

/// <summary>What is to be expected of the fill, as a log line tells it.</summary>
/// <param name="TimeToFull">By the trend; null where there is none.</param>
/// <param name="AtPresentPace">By the last two readings alone; null where the fill did not rise between them.</param>
internal readonly record struct FillForecast(TimeSpan? TimeToFull, TimeSpan? AtPresentPace)
{
    public override string ToString() => (TimeToFull, AtPresentPace) switch
    {
        ({ } time, _) => $"full in about {new WholeSeconds(time)}",
        (null, { } time) => $"no trend yet, but full in about {new WholeSeconds(time)} at the pace of the last second",
        _ => "not filling",
    };
}
