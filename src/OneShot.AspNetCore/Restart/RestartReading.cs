namespace OneShot.AspNetCore.Restart;

/// <summary>
/// What was seen at one moment, so that a status, a text and data made of it say the same. HeldBack is how long
/// <see cref="RestartOptions.MinLife"/> still keeps it from draining; null where it does not.
/// </summary>
internal readonly record struct RestartReading(
    RestartPhase Phase, long Used, long Capacity, RestartLadder Ladder, bool IsStopping, TimeSpan? TimeToFull, long Shortages, TimeSpan? HeldBack);
