namespace OneShot.AspNetCore.Restart;

/// <summary>What was seen at one moment, so that a status, a text and data made of it say the same.</summary>
internal readonly record struct RestartReading(
    RestartPhase Phase, long Used, long Capacity, RestartLadder Ladder, bool IsStopping, TimeSpan? TimeToFull, long Shortages);
