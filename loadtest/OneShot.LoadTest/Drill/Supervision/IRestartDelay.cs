namespace OneShot.LoadTest.Drill.Supervision;

/// <summary>How long an orchestrator waits before it starts again what has ended.</summary>
internal interface IRestartDelay
{
    /// <param name="life">How long it lived this time.</param>
    public TimeSpan Next(TimeSpan life);
}
