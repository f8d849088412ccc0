namespace OneShot.LoadTest;

/// <summary>Something the user has to know in one sentence, without a stack trace: the message is that sentence.</summary>
internal sealed class LoadTestException(string message, int exitCode = ExitCode.CannotRun) : Exception(message)
{
    public int ExitCode { get; } = exitCode;
}
