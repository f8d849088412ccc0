using Microsoft.AspNetCore.Server.Kestrel.Core;

namespace OneShot.AspNetCore.Http1.Timeouts;

/// <summary>
/// All clocks of one connection. Nothing here runs by itself: <see cref="Tick"/> is called by Kestrel's heartbeat, once a
/// second, and a request only writes deadlines, in terms of the last tick, so that it never asks for the time.
/// </summary>
/// <remarks>
/// The setters are called by the connection, <see cref="Tick"/> by the heartbeat's thread, never two at once; the fields
/// between them are published through <c>Volatile</c>. A timeout comes up to a second late, and never early.
/// </remarks>
internal sealed class ConnectionTimeouts
{
    private const long Never = long.MaxValue;

    private readonly TimeProvider _time;
    private readonly Action<TimeoutReason> _onTimeout;
    private readonly RateClock _reading = new();
    private long _now;
    private long _deadline = Never;
    private TimeoutReason _reason;
    private long _writeDeadline = Never;
    private int _writesPending;

    internal ConnectionTimeouts(TimeProvider time, Action<TimeoutReason> onTimeout)
    {
        _time = time;
        _onTimeout = onTimeout;
        _now = time.GetTimestamp();
    }

    /// <summary>Starts the one deadline there is at a time: idle or head.</summary>
    internal void Start(TimeoutReason reason, TimeSpan timeout)
    {
        _reason = reason;
        Volatile.Write(ref _deadline, timeout == Timeout.InfiniteTimeSpan ? Never : After(timeout));
    }

    internal void Stop() => Volatile.Write(ref _deadline, Never);

    /// <summary>A body begins, which must come at this rate while the application waits for it. Null: at any.</summary>
    internal void BeginBody(MinDataRate? rate) => _reading.Begin(rate);

    /// <summary>The application waits for bytes of the body.</summary>
    internal void BeginRead() => _reading.Resume(Volatile.Read(ref _now));

    internal void EndRead() => _reading.Pause(Volatile.Read(ref _now));

    internal void CountRead(long bytes) => _reading.Count(bytes);

    /// <summary>Bytes wait for the client to take them, which it must do at this rate. Null: at any.</summary>
    internal void BeginWrite(long bytes, MinDataRate? rate)
    {
        if (rate is not null)
        {
            // Each write adds the time that it may take to what is still owed, and is never given less than the grace period.
            long from = Math.Max(Volatile.Read(ref _now), _writeDeadline == Never ? 0 : _writeDeadline);
            long owed = from + ToTicks(TimeSpan.FromSeconds(bytes / rate.BytesPerSecond));
            Volatile.Write(ref _writeDeadline, Math.Max(owed, After(rate.GracePeriod)));
        }

        Interlocked.Increment(ref _writesPending);
    }

    internal void EndWrite()
    {
        if (Interlocked.Decrement(ref _writesPending) == 0)
        {
            Volatile.Write(ref _writeDeadline, Never);
        }
    }

    /// <summary>A second, or so, has passed.</summary>
    internal void Tick()
    {
        long now = _time.GetTimestamp();
        Volatile.Write(ref _now, now);
        if (now > Volatile.Read(ref _deadline))
        {
            Stop();
            _onTimeout(_reason);
        }

        if (_reading.IsTooSlow(now, _time))
        {
            _onTimeout(TimeoutReason.RequestBodyRate);
        }

        if (now > Volatile.Read(ref _writeDeadline))
        {
            Volatile.Write(ref _writeDeadline, Never);
            _onTimeout(TimeoutReason.ResponseRate);
        }
    }

    private long After(TimeSpan timeout) => Volatile.Read(ref _now) + ToTicks(timeout);

    private long ToTicks(TimeSpan span) => (long)(span.TotalSeconds * _time.TimestampFrequency);
}
