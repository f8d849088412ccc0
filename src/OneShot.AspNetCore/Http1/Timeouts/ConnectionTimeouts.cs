using System.Diagnostics;
using Microsoft.AspNetCore.Server.Kestrel.Core;

namespace OneShot.AspNetCore.Http1.Timeouts;

/// <summary>
/// All clocks of one connection. Nothing here runs by itself: <see cref="Tick"/> is called by Kestrel's heartbeat, once a
/// second, and a request only writes deadlines, in terms of the last tick, so that it never asks for the time.
/// </summary>
/// <remarks>
/// The setters are called by the connection, <see cref="Tick"/> by the heartbeat's thread, never two at once; what they share
/// is whole words, or behind the lock of <see cref="RateClock"/>. A timeout comes up to a second late, and never early.
/// </remarks>
internal sealed class ConnectionTimeouts
{
    private const long Never = long.MaxValue;

    /// <summary>No deadline lies beyond it: the room that is left in a word beside the reason. Sums that are larger end here.</summary>
    private const long Furthest = Never >> 2;

    private readonly TimeProvider _time;
    private readonly double _perSecond; // timestamps
    private readonly Action<TimeoutReason> _onTimeout;
    private readonly RateClock _reading = new();
    private long _now;
    private long _deadline = Never; // a timestamp and, in its two lowest bits, the reason: one word, so that they cannot part
    private long _writeDeadline;
    private int _writesPending;

    internal ConnectionTimeouts(TimeProvider time, Action<TimeoutReason> onTimeout)
    {
        _time = time;
        _onTimeout = onTimeout;
        _perSecond = time.TimestampFrequency;
        _now = time.GetTimestamp();
    }

    /// <summary>Starts the one deadline there is at a time: idle or head.</summary>
    /// <param name="reason">Which of the two.</param>
    /// <param name="timeout">Where Kestrel's limits are told "infinite", they say the longest span there is.</param>
    internal void Start(TimeoutReason reason, TimeSpan timeout)
    {
        Debug.Assert((int)reason is > 0 and < 4, "two bits");
        Volatile.Write(ref _deadline, (After(timeout) << 2) | (long)reason);
    }

    internal void Stop() => Volatile.Write(ref _deadline, Never);

    /// <summary>A body begins, which must come at this rate while the application waits for it. Null: at any.</summary>
    internal void BeginBody(MinDataRate? rate) => _reading.Begin(rate);

    /// <summary>The application waits for bytes of the body.</summary>
    internal void BeginRead() => _reading.Resume(Volatile.Read(ref _now));

    internal void EndRead() => _reading.Pause(Volatile.Read(ref _now));

    internal void CountRead(long bytes) => _reading.Count(bytes);

    /// <summary>Bytes go to the client, which must take them at this rate. Null: at any.</summary>
    /// <remarks>All count, waited for or not: the client may still be busy with those the transport took at once.</remarks>
    internal void CountWrite(long bytes, MinDataRate? rate)
    {
        if (rate is not null)
        {
            // Each write adds the time that it may take to what is still owed, and is never given less than the grace period.
            long now = Volatile.Read(ref _now);
            long start = _writeDeadline < Furthest ? Math.Max(now, _writeDeadline) : now; // after one without a rate, nothing is owed
            long owed = Later(start, bytes / rate.BytesPerSecond);
            Volatile.Write(ref _writeDeadline, Math.Max(owed, After(rate.GracePeriod)));
        }
        else
        {
            Volatile.Write(ref _writeDeadline, Never);
        }
    }

    /// <summary>Somebody waits for the client to take what was counted.</summary>
    internal void BeginWrite() => Interlocked.Increment(ref _writesPending);

    internal void EndWrite() => Interlocked.Decrement(ref _writesPending);

    /// <summary>A second, or so, has passed.</summary>
    internal void Tick()
    {
        long now = _time.GetTimestamp();
        Volatile.Write(ref _now, now);
        long deadline = Volatile.Read(ref _deadline);
        if (now > deadline >> 2 && Interlocked.CompareExchange(ref _deadline, Never, deadline) == deadline)
        {
            _onTimeout((TimeoutReason)(deadline & 3));
        }

        if (_reading.IsTooSlow(now, _time))
        {
            _onTimeout(TimeoutReason.RequestBodyRate);
        }

        if (Volatile.Read(ref _writesPending) > 0 && now > Volatile.Read(ref _writeDeadline))
        {
            Volatile.Write(ref _writeDeadline, Never);
            _onTimeout(TimeoutReason.ResponseRate);
        }
    }

    private long After(TimeSpan timeout) => Later(Volatile.Read(ref _now), timeout.TotalSeconds);

    private long Later(long start, double seconds)
    {
        double span = seconds * _perSecond;
        return span < Furthest - start ? start + (long)span : Furthest;
    }
}
