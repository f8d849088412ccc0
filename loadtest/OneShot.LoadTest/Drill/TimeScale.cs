namespace OneShot.LoadTest.Drill;

/// <summary>
/// How many seconds of an orchestrator pass in one of the drill. Its own clocks are scaled: probe periods, back-off. What belongs
/// to the process is not: starting and stopping take what they take.
/// </summary>
internal readonly record struct TimeScale(double Factor)
{
    /// <param name="time">As the orchestrator has it.</param>
    /// <param name="least">Never shorter than that: a machine has only so fine a grain.</param>
    public TimeSpan Of(TimeSpan time, TimeSpan least = default)
    {
        TimeSpan scaled = time / Factor;
        return scaled > least ? scaled : least;
    }
}
