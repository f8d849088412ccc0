namespace OneShot.AspNetCore.Requests;

/// <summary>
/// So many bytes a second, saved up for a while: a token bucket. What is taken at once may be more than is left, and is paid back before
/// anything else is had; no more than is saved up for, so that one large request does not cost a connection its life.
/// </summary>
/// <remarks>One thread at a time.</remarks>
internal sealed class ByteBudget
{
    /// <summary>A connection that was idle may take as much at once.</summary>
    private const int SavedSeconds = 10;

    private readonly TimeProvider _time;
    private readonly long _bytesPerSecond;
    private readonly long _most;
    private long _left;
    private long _at;

    /// <param name="bytesPerSecond">More than 0.</param>
    /// <param name="time">That passes.</param>
    public ByteBudget(long bytesPerSecond, TimeProvider time)
    {
        _time = time;
        _bytesPerSecond = bytesPerSecond;
        _most = bytesPerSecond * SavedSeconds;
        _left = bytesPerSecond; // or whoever connects anew would have ten seconds' worth each time
        _at = time.GetTimestamp();
    }

    /// <summary>Whether nothing is left now.</summary>
    public bool IsSpent()
    {
        long now = _time.GetTimestamp();
        double earned = _time.GetElapsedTime(_at, now).TotalSeconds * _bytesPerSecond;
        if (earned >= 1)
        {
            _at = now;
            _left = earned >= _most - _left ? _most : _left + (long)earned;
        }

        return _left <= 0;
    }

    /// <summary>Takes bytes, whether or not there are as many.</summary>
    public void Take(long bytes) => _left = Math.Max(_left - bytes, -_most);
}
