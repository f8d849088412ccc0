using System.IO.Pipelines;
using System.Runtime.CompilerServices;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.Server.Kestrel.Core.Features;
using OneShot.AspNetCore.Http1.Timeouts;

namespace OneShot.AspNetCore.Http1;

/// <summary>How slow a client may be, in either direction.</summary>
internal abstract partial class Http1Exchange : IHttpMinRequestBodyDataRateFeature, IHttpMinResponseDataRateFeature
{
    private volatile bool _isBodyTimedOut;
    private volatile bool _isFlushing;
    private MinDataRate? _bodyRate;
    private MinDataRate? _responseRate;

    /// <summary>How fast the body must come while the application waits for it; null is at any rate.</summary>
    MinDataRate? IHttpMinRequestBodyDataRateFeature.MinDataRate
    {
        get => _bodyRate;
        set
        {
            _bodyRate = value;
            Timeouts.BeginBody(value);
        }
    }

    /// <summary>How fast the client must take the response; null is at any rate.</summary>
    MinDataRate? IHttpMinResponseDataRateFeature.MinDataRate
    {
        get => _responseRate;
        set => _responseRate = value;
    }

    /// <summary>The connection's clocks.</summary>
    internal ConnectionTimeouts Timeouts => _connection.Timeouts;

    /// <summary>The body comes more slowly than it must.</summary>
    internal bool IsBodyTimedOut => _isBodyTimedOut;

    /// <summary>Called by the heartbeat; the read that is cancelled with it finds out.</summary>
    internal void OnBodyTimeout() => _isBodyTimedOut = true;

    /// <summary>
    /// Asked before the application writes. A transport that is no pipe (TLS, most of all) loses what is written while it flushes,
    /// so a response whose application does not await its writes is ended rather than sent with a hole in it.
    /// </summary>
    /// <exception cref="InvalidOperationException">A flush is under way.</exception>
    internal void ThrowIfWriteWouldBeLost()
    {
        if (_isFlushing && !_connection.TakesWritesDuringFlush)
        {
            var error = new InvalidOperationException("A write to the response is still under way: await it before the next.");
            ReportApplicationError(error);
            throw error;
        }
    }

    /// <summary>Flushes; while the client does not take what is there, its clock runs.</summary>
    internal ValueTask<FlushResult> FlushTransportAsync(CancellationToken cancellationToken = default)
    {
        PipeWriter output = _connection.Output;
        Timeouts.CountWrite(output.UnflushedBytes, _responseRate);
        ValueTask<FlushResult> flush = output.FlushAsync(cancellationToken);
        return flush.IsCompletedSuccessfully ? new ValueTask<FlushResult>(Observe(flush.Result)) : AwaitTimedAsync(flush);
    }

    /// <summary>Nobody reads what is written any more: the client is gone, which the application learns by its token, as on Kestrel.</summary>
    private FlushResult Observe(FlushResult flush)
    {
        if (flush.IsCompleted)
        {
            KeepAlive = false;
            OnAborted();
        }

        return flush;
    }

    private void BeginRates()
    {
        _isBodyTimedOut = false;
        _bodyRate = _front.Options.Limits.MinRequestBodyDataRate;
        _responseRate = _front.Options.Limits.MinResponseDataRate;
        Timeouts.BeginBody(_bodyRate);
    }

    /// <summary>An upgraded connection may be silent for as long as it likes.</summary>
    private void LiftRates()
    {
        _bodyRate = null;
        _responseRate = null;
        Timeouts.BeginBody(null);
    }

    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    private async ValueTask<FlushResult> AwaitTimedAsync(ValueTask<FlushResult> flush)
    {
        Timeouts.BeginWrite();
        _isFlushing = true;
        try
        {
            return Observe(await flush);
        }
        catch (OperationCanceledException exception)
        {
            // What was to be flushed may be half way to the client, and more of it would follow the application's next write. As
            // on Kestrel, the connection ends.
            _connection.Abort(ConnectionError.WriteCanceled, new ConnectionAbortedException("The connection was aborted because a write was canceled.", exception));
            throw;
        }
        finally
        {
            _isFlushing = false;
            Timeouts.EndWrite();
        }
    }
}
