namespace OneShot.LoadTest.Drill.Supervision;

/// <summary>A probe as a pod's manifest has it.</summary>
/// <param name="Path">What is asked for.</param>
/// <param name="Period">From the start of one probe to that of the next.</param>
/// <param name="Timeout">Until no answer is a failure.</param>
/// <param name="FailureThreshold">Failures in a row until it counts as failed. One success is enough to make up for them.</param>
internal sealed record ProbeRule(string Path, TimeSpan Period, TimeSpan Timeout, int FailureThreshold);
