namespace OneShot.AspNetCore.Restart;

/// <summary>
/// When a source will be full if it goes on as it did: at the pace of the last half minute, or, where nothing moved in that
/// time, of the last quarter of an hour. Not thread-safe.
/// </summary>
internal sealed class FillEstimate(long limit)
{
    /// <summary>A rate that would take longer says no more than that the source does not fill.</summary>
    private static readonly TimeSpan s_longest = TimeSpan.FromDays(30);

    private static readonly TimeSpan s_shortestInterval = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan s_firstInterval = TimeSpan.FromMilliseconds(250);
    private static readonly TimeSpan s_longestInterval = TimeSpan.FromSeconds(1);

    private static readonly TimeSpan s_shortestPace = TimeSpan.FromMilliseconds(50);

    private readonly FillWindow _recent = new(s_shortestPace);
    private readonly FillWindow _longer = new(TimeSpan.FromSeconds(30));

    private (TimeSpan At, long Used)? _before;

    /// <summary>Null when the source is not filling, or not long enough observed.</summary>
    public TimeSpan? TimeToFull { get; private set; }

    /// <summary>
    /// The same by the last two readings alone. A burst fills an arena in a second, of which the windows make no trend: too little
    /// to go by, but what somebody who reads why the process drains has to know. Null when the fill has not risen.
    /// </summary>
    public TimeSpan? AtPresentPace { get; private set; }

    /// <summary>When to take the next reading: often enough that an arena that fills in seconds is seen filling.</summary>
    public TimeSpan Interval
    {
        get
        {
            TimeSpan wanted = TimeToFull is { } left ? left / 32 : _recent.IsFull ? s_longestInterval : s_firstInterval;
            return wanted < s_shortestInterval ? s_shortestInterval : wanted > s_longestInterval ? s_longestInterval : wanted;
        }
    }

    /// <summary>Bytes that make the source full. The readings stay when it changes.</summary>
    public long Limit { get; set; } = limit;

    /// <param name="at">Since any fixed moment.</param>
    /// <param name="used">Bytes in use.</param>
    public void Add(TimeSpan at, long used)
    {
        AddPace(at, used);
        _longer.TryAdd(at, used);
        if (_recent.TryAdd(at, used) || used >= Limit)
        {
            TimeToFull = Estimate(used);
        }
    }

    private void AddPace(TimeSpan at, long used)
    {
        if (_before is { } before)
        {
            if (at - before.At < s_shortestPace)
            {
                return;
            }

            double rate = (used - before.Used) / (at - before.At).TotalSeconds;
            AtPresentPace = rate > 0 && (Limit - used) / rate <= s_longest.TotalSeconds ? TimeSpan.FromSeconds((Limit - used) / rate) : null;
        }

        _before = (at, used);
    }

    private TimeSpan? Estimate(long used)
    {
        if (used >= Limit)
        {
            return TimeSpan.Zero;
        }

        double rate = _recent.Rate();
        if (rate <= 0)
        {
            rate = _longer.Rate();
        }

        double seconds = (Limit - used) / rate; // infinite when the rate is 0
        return seconds <= s_longest.TotalSeconds ? TimeSpan.FromSeconds(seconds) : null;
    }
}
