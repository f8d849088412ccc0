using System.IO.Pipelines;
using System.Runtime.CompilerServices;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.Server.Kestrel.Core.Features;
using OneShot.AspNetCore.Http1.Response;
using OneShot.AspNetCore.Http1.Timeouts;

namespace OneShot.AspNetCore.Http1;

/// <summary>How slow a client may be, in either direction.</summary>
internal abstract partial class Http1Exchange : IHttpMinRequestBodyDataRateFeature, IHttpMinResponseDataRateFeature
{
    private volatile bool _isBodyTimedOut;
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

    /// <summary>How fast the client must take what is left of the last response: at the request's own rate; behind an upgrade, at the server's.</summary>
    internal MinDataRate? LastRate => _isUpgraded ? _front.Options.Limits.MinResponseDataRate : _responseRate;

    /// <summary>The connection's clocks.</summary>
    internal ConnectionTimeouts Timeouts => _connection.Timeouts;

    /// <summary>The body comes more slowly than it must.</summary>
    internal bool IsBodyTimedOut => _isBodyTimedOut;

    /// <summary>Called by the heartbeat; the read that is cancelled with it finds out.</summary>
    internal void OnBodyTimeout() => _isBodyTimedOut = true;

    /// <summary>Flushes; while the client does not take what is there, its clock runs.</summary>
    internal ValueTask<FlushResult> FlushTransportAsync(CancellationToken cancellationToken = default)
    {
        if (IsConnectionCut)
        {
            return new ValueTask<FlushResult>(new FlushResult(isCanceled: false, isCompleted: true));
        }

        QueuedPipeWriter output = _connection.Output;
        Timeouts.CountWrite(output.UnflushedBytes, _responseRate);
        ValueTask<FlushResult> flush = output.FlushAsync(cancellationToken);
        return flush.IsCompletedSuccessfully ? new ValueTask<FlushResult>(Observe(flush.Result)) : AwaitTimedAsync(flush, cancellationToken);
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

    /// <summary>The next request has not come: what is sent until then is held to the server's rate.</summary>
    internal void EndRates() => _responseRate = _front.Options.Limits.MinResponseDataRate;

    /// <summary>An upgraded connection may be silent for as long as it likes.</summary>
    private void LiftRates()
    {
        _bodyRate = null;
        _responseRate = null;
        Timeouts.BeginBody(null);
    }

    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    private async ValueTask<FlushResult> AwaitTimedAsync(ValueTask<FlushResult> flush, CancellationToken cancellationToken)
    {
        FlushResult result;
        Timeouts.BeginWrite();
        try
        {
            result = Observe(await flush);
        }
        catch (Exception exception) when (IsToldByTransport(exception))
        {
            throw;
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
            Timeouts.EndWrite();
        }

        // A write that stood behind another cannot be taken back; its bytes are on their way. The caller hears of its token all the same, as on Kestrel.
        cancellationToken.ThrowIfCancellationRequested();
        return result;
    }
}
