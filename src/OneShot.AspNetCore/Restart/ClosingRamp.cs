namespace OneShot.AspNetCore.Restart;

/// <summary>
/// When each connection of a draining process is told to close: one after the other over the time that the process drains, in an order that
/// chance makes, and not all of them on their next answer. Thousands of clients that connect anew at the same moment are a peak for those they
/// connect to, and in its first seconds a draining process is one of these itself. Immutable.
/// </summary>
internal sealed class ClosingRamp(long since, TimeSpan drainDelay, TimeProvider time)
{
    /// <summary>
    /// The rest of the time is for last answers, and for clients to drop what they do not use: a connection that idles from the ramp's end on was promised to
    /// stay open, and a request that meets its closing is lost (RFC 9112, section 9.5).
    /// </summary>
    private const double PartOfDelay = 0.5;

    private readonly TimeSpan _length = drainDelay * PartOfDelay;

    /// <summary>Whether that connection's time has come; from then on it stays so.</summary>
    /// <param name="connectionId">As the server names it; one without a name is first.</param>
    public bool IsTurnOf(string? connectionId)
    {
        double turn = connectionId is null ? 0 : (uint)connectionId.GetHashCode(StringComparison.Ordinal) / (double)uint.MaxValue;
        return time.GetElapsedTime(since) >= _length * turn;
    }
}
