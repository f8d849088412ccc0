namespace OneShot.LoadTest.Tail.Load;

/// <summary>
/// When each request of a load at a constant rate is due: number n at n intervals after the start, whatever became of those before it. Who
/// measures from there counts a stall for every request that should have been sent in it; from the sending on, only those would count that a
/// connection was free for.
/// </summary>
internal sealed class RequestSchedule(TimeProvider time, double requestsPerSecond, TimeSpan duration)
{
    private readonly long _start = time.GetTimestamp();
    private readonly double _interval = time.TimestampFrequency / requestsPerSecond;

    /// <summary>How many there are.</summary>
    public long Count { get; } = (long)Math.Floor(duration.TotalSeconds * requestsPerSecond);

    /// <summary>From the start, when number <paramref name="request"/> is due.</summary>
    public TimeSpan DueAfter(long request) => time.GetElapsedTime(_start, DueAt(request));

    /// <summary>How long ago it was due; negative while it is not.</summary>
    public TimeSpan Since(long request) => time.GetElapsedTime(DueAt(request), time.GetTimestamp());

    private long DueAt(long request) => _start + (long)(request * _interval);
}
