using System.Buffers;
using System.IO.Pipelines;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Connections.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.Net.Http.Headers;
using OneShot.AspNetCore.Headers;
using OneShot.AspNetCore.Http1.Response;
using OneShot.AspNetCore.Http1.Timeouts;
using OneShot.AspNetCore.Requests;

namespace OneShot.AspNetCore.Http1;

/// <summary>
/// One HTTP/1.1 connection: reads heads, hands each to the exchange, ends refused ones. It knows the transport and the order
/// of things; what a head means is known to <see cref="HeaderParser"/>, what a request is to <see cref="Http1Exchange"/>.
/// </summary>
/// <remarks>
/// Used by the one loop in <see cref="Http1Application{TContext}"/>, and while it waits for the application, by that through the
/// exchange; <see cref="Abort"/>, the two notifications (connection closed, stop requested) and the heartbeat's timeouts come
/// from other threads.
/// </remarks>
internal sealed partial class Http1Connection(ConnectionContext transport, IDuplexPipe pipe, Http1Front front)
{
    private const int Idle = 0;
    private const int Active = 1;
    private const int Stopping = 2;

    /// <summary>Responses are held back up to this size, in bytes: far below what the transport takes without waiting.</summary>
    private const int MostHeld = 16 * 1024;

    private CancellationTokenRegistration _closedRegistration;
    private CancellationTokenRegistration _stopRegistration;
    private Http1Exchange _exchange = null!;
    private int _phase;
    private volatile bool _stopRequested;
    private volatile bool _aborted;
    private volatile bool _isIdleExpired;
    private volatile bool _isHeadExpired;
    private bool _hasServed;

    internal ConnectionContext Transport => transport;

    internal PipeReader Input { get; } = pipe.Input;

    internal QueuedPipeWriter Output { get; } = new(pipe.Output, PoolOf(transport));

    internal MemoryPool<byte> MemoryPool { get; } = PoolOf(transport);

    /// <summary>What every response of this connection tells of HTTP/3; empty when there is nothing to tell.</summary>
    internal byte[] AltSvcLine { get; init; } = [];

    internal string ConnectionId => transport.ConnectionId;

    /// <summary>The transport has been cut: nothing that is written reaches the client any more.</summary>
    internal bool IsAborted => _aborted;

    /// <summary>The server is stopping: this response is the connection's last.</summary>
    internal bool StopRequested => _stopRequested;

    /// <summary>Another request may be read. The first is looked for also when the server stops: its first bytes may be here already.</summary>
    internal bool CanReadNext =>
        !_aborted && _keepOpen && !_isIdleExpired && !(_stopRequested && _hasServed && Volatile.Read(ref _phase) != Active);

    /// <summary>The connection's clocks.</summary>
    internal ConnectionTimeouts Timeouts { get; private set; } = null!;

    /// <summary>From now on the connection must say something, within the keep-alive timeout.</summary>
    internal void StartClock()
    {
        Timeouts = new ConnectionTimeouts(front.Time, OnTimeout);
        Timeouts.Start(TimeoutReason.KeepAlive, front.Options.Limits.KeepAliveTimeout);
        transport.Features.Get<IConnectionHeartbeatFeature>()?.OnHeartbeat(
            static state => ((Http1Connection)state).OnHeartbeat(), this);
    }

    internal void Open(Http1Exchange exchange)
    {
        _exchange = exchange;
        TagProtocol();
        _closedRegistration = transport.ConnectionClosed.UnsafeRegister(
            static state => ((Http1Connection)state!).OnTransportClosed(), this);
        if (transport.Features.Get<IConnectionLifetimeNotificationFeature>() is { } notification)
        {
            _stopRegistration = notification.ConnectionClosedRequested.UnsafeRegister(
                static state => ((Http1Connection)state!).OnStopRequested(), this);
        }
    }

    /// <summary>Cuts the connection: a reset for the client, no more bytes either way. Thread-safe.</summary>
    /// <param name="errorType">What the connection's metrics call it.</param>
    /// <param name="reason">For the transport.</param>
    internal void Abort(string errorType, ConnectionAbortedException reason)
    {
        EndsWith(errorType);
        _aborted = true;
        transport.Abort(reason);
        Input.CancelPendingRead(); // who waits for the body need not wait for the transport to find out
        _exchange.OnAborted();
    }

    /// <summary>
    /// The next request is here already, so its response can go out with this one: one flush, one system call, for both.
    /// Whoever awaits anything in between flushes first (<see cref="ReadAsync"/>, <see cref="Http1Exchange.FlushHeldAsync"/>);
    /// only a handler that blocks its thread keeps the client waiting for a response that is ready. While the client does not take
    /// what it is sent already, nothing is held: the next request has to wait for it.
    /// </summary>
    internal bool HoldsResponses => _hasNextInHand && Output.UnflushedBytes < MostHeld && !Output.IsFlushing;

    /// <summary>Bytes wait to be flushed: responses that were held back. Asked while no request runs, when nobody else writes.</summary>
    internal bool HasHeld => !_aborted && Output.UnflushedBytes > 0;

    /// <summary>The next bytes; before it waits for them, it sends the responses that were held back.</summary>
    internal ValueTask<ReadResult> ReadAsync()
    {
        ValueTask<ReadResult> reading = Input.ReadAsync();
        if (reading.IsCompleted || !HasHeld)
        {
            return reading;
        }

        ValueTask<FlushResult> flush = _exchange.FlushTransportAsync();
        return flush.IsCompletedSuccessfully ? reading : AwaitAsync(flush, reading);

        static async ValueTask<ReadResult> AwaitAsync(ValueTask<FlushResult> flush, ValueTask<ReadResult> reading)
        {
            try
            {
                await flush;
            }
            catch (Exception exception) when (exception is IOException or ConnectionAbortedException or OperationCanceledException or InvalidOperationException)
            {
                // The transport is broken, which ends the read too. Leaving it behind would leave it a buffer that is not its own.
            }

            return await reading;
        }
    }

    /// <summary>The response is complete: drains what is left of the body and makes room for the next request.</summary>
    internal ValueTask FinishRequestAsync()
    {
        ValueTask<bool> drained = _exchange.DrainAsync(); // if only to end a read that was left behind
        if (!drained.IsCompletedSuccessfully)
        {
            return DrainThenFinishAsync(drained);
        }

        FinishRequest(drained.Result);
        return default;
    }

    private async ValueTask DrainThenFinishAsync(ValueTask<bool> drained) => FinishRequest(await drained);

    private void FinishRequest(bool isDrained)
    {
        _keepOpen = !_aborted && isDrained && _exchange.KeepAlive;
        _exchange.Finish();
        ReleaseHead();
        _hasServed = true;
        if (_keepOpen)
        {
            _exchange.EndRates(); // what ends the connection from here on is no part of this request
        }

        // Idle again; a stop that came meanwhile ends the loop instead.
        Timeouts.Start(TimeoutReason.KeepAlive, front.Options.Limits.KeepAliveTimeout);
        Interlocked.CompareExchange(ref _phase, Idle, Active);
    }

    /// <summary>Ends the connection after the last head: a refused request gets its answer first.</summary>
    internal async ValueTask EndAsync(HeadOutcome outcome)
    {
        if (outcome == HeadOutcome.Refused && !_aborted)
        {
            _exchange.HeadRefused(_refusal, _refusalStatus);
            WriteRefusal();
        }

        if (HasHeld)
        {
            await _exchange.FlushTransportAsync();
        }

        _exchange.Finish();
        ReleaseHead();
    }

    internal void Failed(Exception exception)
    {
        EndsWith(exception);

        // The transport's end in any of its ways, a broken TLS record among them, is the client's doing.
        if (exception is not (IOException or ConnectionAbortedException or OperationCanceledException))
        {
            Http1Log.ConnectionError(front.Logger, ConnectionId, exception);
        }
    }

    internal async ValueTask CloseAsync()
    {
        // What is still in the transport's buffer must be taken at the least rate, or the client keeps the connection for ever.
        if (_isIdleExpired)
        {
            EndsWith(ConnectionError.KeepAliveTimeout); // also of a connection that never asked for anything
        }

        Timeouts.BeginLastDrain(front.Options.Limits.MaxResponseBufferSize, _exchange.LastRate);
        try
        {
            await _closedRegistration.DisposeAsync();
            await _stopRegistration.DisposeAsync();
            _exchange.Finish();
            ReleaseHead();
            await Input.CompleteAsync();
        }
        finally
        {
            TagError();
            await Output.CompleteAsync();
        }
    }

    private void OnHeartbeat()
    {
        Timeouts.Tick();
        _exchange?.Tick(); // there is none while the first bytes are looked at
    }

    /// <summary>The request has been read: from here until its end a stop does not interrupt it.</summary>
    private void BecomeActive()
    {
        if (Interlocked.CompareExchange(ref _phase, Active, Idle) == Stopping)
        {
            // The stop came together with the request: it is served, and is the last. The cancelled read that the stop has
            // left in the pipe is not shown to the application (RequestBody).
            Volatile.Write(ref _phase, Active);
        }
    }

    private void OnTimeout(TimeoutReason reason)
    {
        Http1Log.TimedOut(front.Logger, ConnectionId, reason);
        switch (reason)
        {
            case TimeoutReason.KeepAlive:
                _isIdleExpired = true;
                EndIfIdle();
                break;
            case TimeoutReason.RequestHead:
                _isHeadExpired = true;
                Input.CancelPendingRead();
                break;
            case TimeoutReason.RequestBodyRate:
                _exchange.OnBodyTimeout();
                Input.CancelPendingRead();
                break;
            default:
                Abort(ConnectionError.ResponseRate, new ConnectionAbortedException("The client takes the response more slowly than the server's minimum data rate."));
                break;
        }
    }

    private void OnStopRequested()
    {
        _stopRequested = true;
        EndIfIdle();
    }

    private void EndIfIdle()
    {
        if (Interlocked.CompareExchange(ref _phase, Stopping, Idle) == Idle)
        {
            Input.CancelPendingRead();
        }
    }

    private void OnTransportClosed() => _exchange.OnAborted();

    private static MemoryPool<byte> PoolOf(ConnectionContext transport) =>
        transport.Features.Get<IMemoryPoolFeature>()?.MemoryPool ?? MemoryPool<byte>.Shared;

    private void WriteRefusal()
    {
        ResponseHeaderDictionary headers = _exchange.ResponseHeaders;
        headers.Reset();
        headers.ContentLength = 0;
        if (_refusalStatus == StatusCodes.Status503ServiceUnavailable)
        {
            headers[HeaderNames.RetryAfter] = ArenaRejection.RetryAfter;
        }

        if (_allowedMethod is not null)
        {
            headers[HeaderNames.Allow] = _allowedMethod; // RFC 9110 section 15.5.6
        }

        var extras = new ResponseExtras(ConnectionField.Close, chunked: false, front.Options.AddServerHeader, front.Date.Line, AltSvcLine);
        Span<byte> span = Output.GetSpan(ResponseHeadWriter.Measure(reasonPhrase: null, headers, extras));
        Output.Advance(ResponseHeadWriter.Write(span, _refusalStatus, reasonPhrase: null, headers, extras));
    }
}
