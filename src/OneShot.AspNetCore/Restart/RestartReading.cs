namespace OneShot.AspNetCore.Restart;

/// <summary>What was seen at one moment, so that a status, a text and data made of it say the same.</summary>
/// <param name="Phase">Of the process: the furthest that one of the sources has brought it to.</param>
/// <param name="IsStopping">The process has begun to stop itself.</param>
/// <param name="AwaitsSuccessor">It goes on serving until somebody else does.</param>
/// <param name="Shortages">Allocations of the last minute that found no room.</param>
/// <param name="Sources">The process arena first, where there is one.</param>
internal readonly record struct RestartReading(RestartPhase Phase, bool IsStopping, bool AwaitsSuccessor, long Shortages, IReadOnlyList<SourceReading> Sources);
