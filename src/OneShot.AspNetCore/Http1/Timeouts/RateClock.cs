using Microsoft.AspNetCore.Server.Kestrel.Core;

namespace OneShot.AspNetCore.Http1.Timeouts;

/// <summary>
/// Measures how fast a body comes, counting only the time in which somebody waits for it: an application that takes its
/// time is not the client's fault. All times are those of <see cref="ConnectionTimeouts"/>, in which the process is never stopped.
/// </summary>
internal sealed class RateClock
{
    private readonly Lock _lock = new();
    private MinDataRate? _rate;
    private long _bytes;
    private long _waited;
    private long _since;
    private bool _isWaiting;

    internal void Begin(MinDataRate? rate)
    {
        if (ReferenceEquals(rate, _rate) && _bytes == 0 && _waited == 0 && !_isWaiting)
        {
            return; // nothing was read since it last began, as in most requests
        }

        lock (_lock)
        {
            _rate = rate;
            _bytes = 0;
            _waited = 0;
            _isWaiting = false;
        }
    }

    internal void Resume(long now)
    {
        lock (_lock)
        {
            _since = now;
            _isWaiting = true;
        }
    }

    internal void Pause(long now)
    {
        lock (_lock)
        {
            _waited += now - _since;
            _isWaiting = false;
        }
    }

    internal void Count(long bytes)
    {
        lock (_lock)
        {
            _bytes += bytes;
        }
    }

    /// <summary>True once, when the grace period is over and the rate is not kept.</summary>
    internal bool IsTooSlow(long now, TimeProvider time)
    {
        lock (_lock)
        {
            if (_rate is null || !_isWaiting)
            {
                return false;
            }

            double seconds = (double)(_waited + now - _since) / time.TimestampFrequency;
            if (seconds <= _rate.GracePeriod.TotalSeconds || _bytes / seconds >= _rate.BytesPerSecond)
            {
                return false;
            }

            _rate = null;
            return true;
        }
    }
}
