namespace OneShot.LoadTest.Drill.Supervision;

/// <summary>Is told what a supervisor does. Called on the supervisor's thread.</summary>
internal interface ISupervisionLog
{
    public void Started();

    /// <summary>Liveness has failed: SIGTERM is sent.</summary>
    public void Terminating();

    /// <summary>The grace period is over: SIGKILL is sent.</summary>
    public void Killing();

    public void Ended(int exitCode, TimeSpan life, TimeSpan backOff);
}
