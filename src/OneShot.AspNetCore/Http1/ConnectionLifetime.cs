using System.IO.Pipelines;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Connections.Features;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.Logging;
using OneShot.AspNetCore.Http1.Exchange;
using OneShot.AspNetCore.Http1.Timeouts;
using OneShot.AspNetCore.Logging;

namespace OneShot.AspNetCore.Http1;

/// <summary>
/// How long a connection lives: its phase, its clocks, whether another request may come, and why it ends. It begins when the
/// front is given the connection, before its first byte and before it is known whether that is HTTP/1.x.
/// </summary>
/// <remarks>
/// The loop calls it, and while that waits for the application, the application through the exchange. <see cref="Abort"/>,
/// <see cref="StopWhenIdle"/>, <see cref="EndsWith(string)"/> and the heartbeat's timeouts come from other threads.
/// <code>
/// phase  | head accepted (loop) | request over (loop) | stop, keep-alive timeout (any thread)
/// new    | active               |                     | as idle; at a stop not before it is half a second old
/// idle   | active               |                     | the read is cancelled: the loop ends, unless a head has come
/// active |                      | idle                | the request is served; then the loop looks, and cancels its next read itself
/// </code>
/// The loop takes no lock for that and no atomic operation, thousands of times a second. Who wants the connection to end says so, has
/// every processor finish its pending writes, and then looks at the phase; the loop becomes idle, and then looks whether it is to
/// end. One of the two sees the other. A cancelled read that comes too late, the request's body does not show to the application.
/// </remarks>
internal sealed class ConnectionLifetime
{
    /// <summary>Who connects does so to ask: some round trips.</summary>
    private static readonly TimeSpan s_patienceWithNew = TimeSpan.FromMilliseconds(500);

    private readonly ConnectionContext _transport;
    private readonly PipeReader _input;
    private readonly KestrelServerLimits _limits;
    private readonly long _keepAliveSpan;
    private readonly ILogger _logger;
    private readonly TimeProvider _time;
    private readonly long _since;
    private ITimer? _patience;
    private volatile bool _hasSpoken;
    private volatile bool _isActive;
    private volatile bool _isStopRequested;
    private volatile bool _isCut;
    private volatile bool _isIdleExpired;
    private volatile bool _isHeadExpired;
    private volatile bool _isBodyTimedOut;
    private bool _hasHeadClock;
    private bool _isBetween;
    private bool _isOpen = true;
    private string? _error;

    /// <param name="transport">The connection.</param>
    /// <param name="input">What is read of it.</param>
    /// <param name="limits">Kestrel's.</param>
    /// <param name="time">The clock.</param>
    /// <param name="logger">Hears of timeouts, and of what the application's callbacks throw.</param>
    internal ConnectionLifetime(ConnectionContext transport, PipeReader input, KestrelServerLimits limits, TimeProvider time, ILogger logger)
    {
        _transport = transport;
        _input = input;
        _limits = limits;
        _logger = logger;
        _time = time;
        _since = time.GetTimestamp();
        Identity = new RequestIdentity(transport);
        RequestAbort = new RequestAbort(logger, Identity);
        Timeouts = new ConnectionTimeouts(time, OnTimeout);
        _keepAliveSpan = Timeouts.SpanOf(limits.KeepAliveTimeout);
        Timeouts.Start(TimeoutReason.KeepAlive, _keepAliveSpan); // from now on the connection must say something
        transport.Features.Get<IConnectionHeartbeatFeature>()?.OnHeartbeat(static lifetime => ((ConnectionLifetime)lifetime).Tick(), this);
    }

    /// <summary>What logs call the present request.</summary>
    internal RequestIdentity Identity { get; }

    /// <summary>Tells the present request that the connection is gone.</summary>
    internal RequestAbort RequestAbort { get; }

    internal ConnectionTimeouts Timeouts { get; }

    /// <summary>Called by the heartbeat, behind the clocks. A second registration there could come within a beat, which it would end.</summary>
    internal Action? Ticked { get; set; }

    /// <summary>The connection has been cut, by the application or a timeout: what is written goes nowhere, what is read is cancelled.</summary>
    internal bool IsCut => _isCut;

    /// <summary>The server is stopping: this response is the connection's last.</summary>
    internal bool IsStopRequested => _isStopRequested;

    /// <summary>No request has come for the keep-alive timeout.</summary>
    internal bool IsIdleExpired => _isIdleExpired;

    /// <summary>The head has begun and has not come in time.</summary>
    internal bool IsHeadExpired => _isHeadExpired;

    /// <summary>The body comes more slowly than it must.</summary>
    internal bool IsBodyTimedOut => _isBodyTimedOut;

    /// <summary>The connection may serve another request after this one.</summary>
    internal bool KeepAlive { get; private set; }

    /// <summary>
    /// Another request may be read. One is looked for also when the server stops: the last answer promised that it may come, and its first bytes may
    /// be here already. Nobody waits for it then: see <see cref="MustNotWait"/>.
    /// </summary>
    internal bool MayReadNext => !_isCut && _isOpen && !_isIdleExpired;

    /// <summary>
    /// Asked by the loop behind a read that did not find anything at once: it is to be cancelled, since the server stops and nothing of another request is
    /// here. Not for the first one's, which is given its moment, nor within a head that has begun.
    /// </summary>
    internal bool MustNotWait => _isStopRequested && _isBetween;

    /// <summary>What the connection ends with, as its metrics have it; null while nothing is wrong.</summary>
    internal string? Error => Volatile.Read(ref _error);

    /// <summary>The first bytes of a head are here.</summary>
    internal void BeginHead()
    {
        _isIdleExpired = false; // it came just in time
        _isBetween = false;
        if (!_hasSpoken)
        {
            _hasSpoken = true;
        }

        if (!_hasHeadClock)
        {
            _isHeadExpired = false;
            Timeouts.Stop();
        }
    }

    /// <summary>The head did not come whole, as nearly all do: from its first bytes on, whoever sees them, it has so much time.</summary>
    internal void StartHeadClock()
    {
        if (!_hasHeadClock)
        {
            _hasHeadClock = true;
            Timeouts.Start(TimeoutReason.RequestHead, _limits.RequestHeadersTimeout);
        }
    }

    /// <summary>The head is accepted: from here until its request's end a stop does not interrupt it.</summary>
    /// <param name="keepAlive">What the head says of the connection.</param>
    internal void BeginRequest(bool keepAlive)
    {
        _hasHeadClock = false;
        Timeouts.Stop();
        _isActive = true;
        KeepAlive = keepAlive;
        _isBodyTimedOut = false;
    }

    /// <summary>The response is complete.</summary>
    /// <param name="isDrained">The request's body has been read to its end.</param>
    /// <returns>Whether the connection stays open for another request.</returns>
    internal bool EndRequest(bool isDrained)
    {
        return _isOpen = !_isCut && isDrained && KeepAlive;
    }

    /// <summary>Nothing of the request is left. Idle again; behind a stop that came meanwhile the loop takes what is here, and waits for nothing (<see cref="MustNotWait"/>).</summary>
    internal void BecomeIdle()
    {
        Timeouts.Start(TimeoutReason.KeepAlive, _keepAliveSpan);
        _isActive = false;
        _isBetween = true;
    }

    /// <summary>The last request on this connection, whatever else is said.</summary>
    internal void CloseAfterResponse() => KeepAlive = false;

    /// <summary>The last request on this connection, because something is wrong with it.</summary>
    /// <param name="errorType">What the connection's metrics call it.</param>
    internal void CloseAfterResponse(string errorType)
    {
        KeepAlive = false;
        EndsWith(errorType);
    }

    /// <summary>Cuts the connection: a reset for the client, no more bytes either way. Thread-safe.</summary>
    /// <param name="errorType">What the connection's metrics call it.</param>
    /// <param name="reason">For the transport.</param>
    internal void Abort(string errorType, ConnectionAbortedException reason)
    {
        EndsWith(errorType);
        _isCut = true;
        _transport.Abort(reason);
        _input.CancelPendingRead(); // who waits for the body need not wait for the transport to find out
        RequestAbort.OnConnectionClosed();
    }

    /// <summary>The one place where it is said why the connection ends. Thread-safe; of several reasons the first counts.</summary>
    /// <param name="errorType">A value of <c>error.type</c>.</param>
    internal void EndsWith(string errorType) => Interlocked.CompareExchange(ref _error, errorType, null);

    internal void EndsWith(Exception exception) => EndsWith(exception switch
    {
        ConnectionResetException => ConnectionError.Reset,
        ConnectionAbortedException when _isStopRequested => ConnectionError.ShutdownTimeout, // by the server, whose patience has ended
        IOException or ConnectionAbortedException => ConnectionError.Io,
        _ => ConnectionError.Other,
    });

    /// <summary>
    /// A filter for what a transport throws: its own word for its end may come before its token fires, and is the client's end from
    /// then on. Never true, so that the exception goes on as it is.
    /// </summary>
    internal bool IsToldByTransport(Exception exception)
    {
        if (exception is ConnectionResetException or ConnectionAbortedException)
        {
            RequestAbort.OnConnectionClosed();
        }

        return false;
    }

    /// <summary>From now on a stop of the server is heard of, also one that has been. By whoever reads: until it is disposed of.</summary>
    internal CancellationTokenRegistration StopWith(IFeatureCollection features) =>
        features.Get<IConnectionLifetimeNotificationFeature>() is { } notification
            ? notification.ConnectionClosedRequested.UnsafeRegister(static lifetime => ((ConnectionLifetime)lifetime!).StopWhenIdle(), this)
            : default;

    /// <summary>The server stops: at once where no request runs, else after the one that does. Thread-safe, and may be called again.</summary>
    /// <remarks>
    /// A new connection, on which nothing has been said, is given a moment: its first request is on its way, and one that may not be sent twice would be lost.
    /// </remarks>
    internal void StopWhenIdle()
    {
        _isStopRequested = true;
        TimeSpan patience = _hasSpoken ? TimeSpan.Zero : s_patienceWithNew - _time.GetElapsedTime(_since);
        if (patience <= TimeSpan.Zero)
        {
            EndIfIdle();
        }
        else if (_patience is null)
        {
            ITimer timer = _time.CreateTimer(static lifetime => ((ConnectionLifetime)lifetime!).EndIfIdle(), this, patience, Timeout.InfiniteTimeSpan);
            if (Interlocked.CompareExchange(ref _patience, timer, null) is not null)
            {
                timer.Dispose();
            }
        }
    }

    /// <summary>The connection is over: nothing of it fires any more.</summary>
    internal void End() => Interlocked.Exchange(ref _patience, null)?.Dispose();

    private void Tick()
    {
        Timeouts.Tick();
        Ticked?.Invoke();
    }

    private void EndIfIdle()
    {
        Interlocked.MemoryBarrierProcessWide(); // see the remarks: a few microseconds, once at the connection's end
        if (!_isActive)
        {
            _input.CancelPendingRead();
        }
    }

    private void OnTimeout(TimeoutReason reason)
    {
        Events.ConnectionTimedOut(_logger, Identity.ConnectionId, reason);
        switch (reason)
        {
            case TimeoutReason.KeepAlive:
                _isIdleExpired = true;
                EndIfIdle();
                break;
            case TimeoutReason.RequestHead:
                _isHeadExpired = true;
                _input.CancelPendingRead();
                break;
            case TimeoutReason.RequestBodyRate:
                _isBodyTimedOut = true; // the read that is cancelled with it finds out
                _input.CancelPendingRead();
                break;
            default:
                Abort(ConnectionError.ResponseRate, new ConnectionAbortedException("The client takes the response more slowly than the server's minimum data rate."));
                break;
        }
    }
}
