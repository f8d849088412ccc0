using System.Diagnostics;
using Microsoft.AspNetCore.Server.Kestrel.Core;

namespace OneShot.AspNetCore.Http1.Timeouts;

/// <summary>
/// All clocks of one connection. Nothing here runs by itself: <see cref="Tick"/> is called by Kestrel's heartbeat, once a
/// second, and a request only writes deadlines, in terms of the last tick, so that it never asks for the time.
/// </summary>
/// <remarks>
/// <para>
/// The clocks run on a time of their own, which a tick moves on by what has passed since the last one, and by
/// <see cref="Interval"/> at most. A tick that is later than that has waited for the process (a stopped or frozen one, or one that
/// was starved), and the client cannot help that. While a debugger is attached, the time stands still.
/// </para>
/// <para>
/// A deadline may be set right before a tick, so it allows for one interval more: a timeout never comes early, and up to an
/// interval late, as Kestrel's do.
/// </para>
/// <para>
/// The setters are called by the connection, <see cref="Tick"/> by the heartbeat's thread, never two at once; what they share
/// is whole words, or behind the lock of <see cref="RateClock"/>.
/// </para>
/// </remarks>
internal sealed class ConnectionTimeouts
{
    /// <summary>The time between two of Kestrel's heartbeats.</summary>
    internal static readonly TimeSpan Interval = TimeSpan.FromSeconds(1);

    private const long Never = long.MaxValue;

    /// <summary>No deadline lies beyond it: the room that is left in a word beside the reason. Sums that are larger end here.</summary>
    private const long Furthest = Never >> 2;

    private readonly TimeProvider _time;
    private readonly double _perSecond; // timestamps
    private readonly long _interval; // timestamps
    private readonly Action<TimeoutReason> _onTimeout;
    private readonly Func<bool> _isDebugged;
    private readonly RateClock _reading = new();
    private long _lastTick; // a timestamp of the time provider; all others are of this connection's own time
    private long _now;
    private long _deadline = Never; // a timestamp and, in its two lowest bits, the reason: one word, so that they cannot part
    private MinDataRate? _writeRate; // the last one that counted, in timestamps:
    private double _writeTime; // of a byte
    private long _writeGrace;
    private long _writeDeadline;
    private int _writesPending;

    /// <param name="time">Asked by each tick.</param>
    /// <param name="onTimeout">Called by a tick that finds a deadline passed.</param>
    /// <param name="isDebugged">Whether the process is being debugged, for tests; null asks the runtime.</param>
    internal ConnectionTimeouts(TimeProvider time, Action<TimeoutReason> onTimeout, Func<bool>? isDebugged = null)
    {
        _time = time;
        _onTimeout = onTimeout;
        _isDebugged = isDebugged ?? (static () => Debugger.IsAttached);
        _perSecond = time.TimestampFrequency;
        _interval = (long)(Interval.TotalSeconds * _perSecond);
        _lastTick = time.GetTimestamp();
    }

    /// <summary>Starts the one deadline there is at a time: idle or head.</summary>
    /// <param name="reason">Which of the two.</param>
    /// <param name="timeout">Where Kestrel's limits are told "infinite", they say the longest span there is.</param>
    internal void Start(TimeoutReason reason, TimeSpan timeout) => Start(reason, SpanOf(timeout));

    /// <inheritdoc cref="Start(TimeoutReason, TimeSpan)"/>
    /// <param name="reason">Which of the two.</param>
    /// <param name="span">Of <see cref="SpanOf"/>.</param>
    internal void Start(TimeoutReason reason, long span)
    {
        Debug.Assert((int)reason is > 0 and < 4, "two bits");
        Volatile.Write(ref _deadline, (Math.Min(LatestNow() + span, Furthest) << 2) | (long)reason);
    }

    /// <summary>A timeout in this connection's time, for who starts it with every request.</summary>
    internal long SpanOf(TimeSpan timeout) => Later(0, timeout.TotalSeconds);

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
            if (!ReferenceEquals(rate, _writeRate))
            {
                _writeRate = rate;
                _writeTime = _perSecond / rate.BytesPerSecond;
                _writeGrace = Later(0, rate.GracePeriod.TotalSeconds);
            }

            long now = LatestNow();
            long start = _writeDeadline < Furthest ? Math.Max(now, _writeDeadline) : now; // after one without a rate, nothing is owed
            double time = bytes * _writeTime;
            long owed = time < Furthest - start ? start + (long)time : Furthest;
            Volatile.Write(ref _writeDeadline, Math.Max(owed, Math.Min(now + _writeGrace, Furthest)));
        }
        else
        {
            Volatile.Write(ref _writeDeadline, Never);
        }
    }

    /// <summary>Somebody waits for the client to take what was counted.</summary>
    internal void BeginWrite() => Interlocked.Increment(ref _writesPending);

    internal void EndWrite() => Interlocked.Decrement(ref _writesPending);

    /// <summary>The connection has been read and written for the last time: the client must take what the transport still holds.</summary>
    /// <param name="buffered">The most bytes that a buffer of the transport holds, or null where there is no such limit, and so none here.</param>
    /// <param name="rate">How fast the client must take them; null is at any rate.</param>
    internal void BeginLastDrain(long? buffered, MinDataRate? rate)
    {
        Stop();
        if (buffered is { } size && rate is not null)
        {
            CountWrite(size < Furthest ? 2 * size : size, rate); // a connection middleware, such as TLS, has a buffer of its own
            BeginWrite();
        }
    }

    /// <summary>A second, or so, has passed.</summary>
    internal void Tick()
    {
        long time = _time.GetTimestamp();
        long passed = Math.Min(time - _lastTick, _interval);
        _lastTick = time;
        if (_isDebugged())
        {
            return;
        }

        long now = _now + passed;
        Volatile.Write(ref _now, now);
        long deadline = Volatile.Read(ref _deadline);
        if (now >= deadline >> 2 && Interlocked.CompareExchange(ref _deadline, Never, deadline) == deadline)
        {
            _onTimeout((TimeoutReason)(deadline & 3));
        }

        if (_reading.IsTooSlow(now, _time))
        {
            _onTimeout(TimeoutReason.RequestBodyRate);
        }

        if (Volatile.Read(ref _writesPending) > 0 && now >= Volatile.Read(ref _writeDeadline))
        {
            Volatile.Write(ref _writeDeadline, Never);
            _onTimeout(TimeoutReason.ResponseRate);
        }
    }

    /// <summary>The time it is now at the latest: the next tick may be about to come.</summary>
    private long LatestNow() => Volatile.Read(ref _now) + _interval;

    private long Later(long start, double seconds)
    {
        double span = seconds * _perSecond;
        return span < Furthest - start ? start + (long)span : Furthest;
    }
}
