namespace OneShot.LoadTest;

/// <summary>What the program says to the shell.</summary>
internal static class ExitCode
{
    public const int Success = 0;

    /// <summary>It ran to its end, and requests failed or a replica was missed.</summary>
    public const int Failed = 1;

    /// <summary>It could not run: a tool is missing, a port is taken, a server died, an output makes no sense.</summary>
    public const int CannotRun = 2;

    /// <summary>Ctrl+C or SIGTERM, by the shells' custom 128 + SIGINT.</summary>
    public const int Cancelled = 130;
}
