namespace LogParser;

/// <summary>The answers of a parser: the same, whatever the log was parsed into.</summary>
/// <param name="Lines">How many lines there were.</param>
/// <param name="Milliseconds">All requests' time.</param>
/// <param name="Tags">How many tags they had.</param>
/// <param name="Characters">How long all texts are.</param>
/// <param name="Paths">How many paths were asked for.</param>
/// <param name="BusiestPath">How often the one that was asked for most.</param>
/// <param name="BusiestService">How many lines the service has that has most.</param>
/// <param name="RecentErrors">The statuses of the last hundred errors, summed up.</param>
/// <param name="Slowest">The time of the hundredth slowest.</param>
/// <param name="Ticks">The time of the last line.</param>
internal readonly record struct Summary(
    int Lines,
    double Milliseconds,
    int Tags,
    long Characters,
    int Paths,
    int BusiestPath,
    int BusiestService,
    int RecentErrors,
    double Slowest,
    long Ticks)
{
    public const int RecentErrorsKept = 100;
    public const int SlowestShown = 100;
}
