using System.IO.Pipelines;
using System.Runtime.CompilerServices;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using OneShot.AspNetCore.Http1.Exchange;

namespace OneShot.AspNetCore.Http1.Response;

/// <summary>
/// Flushes a response's bytes at the rate that the client must keep, and knows whether others may still write. Two things may go out on another
/// thread before the response writes: <c>100 Continue</c>, and earlier responses whose flush was deferred. The response need not wait
/// until the client has taken either; what it writes meanwhile goes out behind them.
/// </summary>
internal sealed class ResponseOutput(Http1ServiceContext service, ConnectionLifetime lifetime, ResponseLifecycle lifecycle, ConcurrentPipeWriter writer)
{
    /// <summary>
    /// A flush is deferred up to this size, in bytes: far below what the transport takes without waiting. It is put off from one response to the
    /// next; a transport may put off besides what is written within a turn of its loop.
    /// </summary>
    private const int MostDeferred = 16 * 1024;

    private Values _values;

    internal ConcurrentPipeWriter Writer => writer;

    /// <summary>How fast the client must take the response; null is at any rate.</summary>
    internal MinDataRate? Rate { get; set; } = service.Options.Limits.MinResponseDataRate;

    /// <summary>The request has not changed the rate.</summary>
    internal bool HasUsualRate => ReferenceEquals(Rate, service.Options.Limits.MinResponseDataRate);

    /// <summary>Nobody but the response writes to the transport during this request.</summary>
    internal bool IsResponsesOnly => !_values.IsShared;

    /// <summary>The flush of earlier responses is deferred, and they come before this one.</summary>
    internal bool FollowsDeferred => _values.FollowsDeferred;

    /// <summary>The client waits to be told to send the body, and may as well leave it out: what it sends next is not known.</summary>
    internal bool MayLackBody => _values.ExpectsContinue && !service.Switches.KeepAliveAfterUnreadExpect;

    /// <summary>Bytes behind the head are here already: the next request's, where this one has no body.</summary>
    internal bool HasNextInHand { get; set; }

    /// <summary>
    /// The next request is here already, so its response can go out with this one: one flush, one system call, for both.
    /// Whoever awaits anything in between flushes first (<see cref="FlushDeferredAsync"/>); only a handler that blocks its thread keeps
    /// the client waiting for a response that is ready. While the client does not take what it is sent already, nothing is deferred:
    /// the next request has to wait for it.
    /// </summary>
    internal bool MayDeferFlush => HasNextInHand && writer.UnflushedBytes < MostDeferred && !writer.IsFlushing;

    /// <summary>Responses wait to be flushed. Asked while no request runs, when nobody else writes.</summary>
    internal bool HasDeferred => !lifetime.IsCut && writer.UnflushedBytes > 0;

    internal void Begin(bool expectsContinue)
    {
        bool followsDeferred = HasDeferred;
        _values = new Values { ExpectsContinue = expectsContinue, FollowsDeferred = followsDeferred, IsShared = expectsContinue || followsDeferred };
        ResetRate();
    }

    /// <summary>The next request has not come: what is sent until then is held to the server's rate.</summary>
    internal void ResetRate() => Rate = service.Options.Limits.MinResponseDataRate;

    /// <summary>Bytes of the body have come: the client does not wait for the interim answer.</summary>
    internal void OnBodyRead() => _values.ExpectsContinue = false;

    /// <summary>Flushes; while the client does not take what is there, its clock runs.</summary>
    internal ValueTask<FlushResult> FlushAsync(CancellationToken cancellationToken = default)
    {
        if (lifetime.IsCut)
        {
            return new ValueTask<FlushResult>(new FlushResult(isCanceled: false, isCompleted: true));
        }

        lifetime.Timeouts.CountWrite(writer.UnflushedBytes, Rate);
        ValueTask<FlushResult> flush = writer.FlushAsync(cancellationToken);
        return flush.IsCompletedSuccessfully ? new ValueTask<FlushResult>(Observe(flush.Result)) : AwaitTimedAsync(flush, cancellationToken);
    }

    /// <summary>
    /// Sends the responses whose flush was deferred, because this request has come to wait for something. Never fails: the
    /// response's own flush meets the same transport.
    /// </summary>
    internal ValueTask FlushDeferredAsync() => _values.FollowsDeferred ? FlushUnlessClaimedAsync() : default;

    /// <summary>The same, before the application runs.</summary>
    internal async ValueTask FlushDeferredFirstAsync()
    {
        await FlushDeferredAsync();
        _values.FollowsDeferred = false;
        _values.IsShared = _values.ExpectsContinue;
        _values.IsSharedUsed = false;
    }

    /// <summary><c>100 Continue</c>, when the application is about to wait for a body the client is holding back (RFC 9110 section 10.1.1).</summary>
    internal async ValueTask SendContinueIfExpectedAsync()
    {
        if (!_values.ExpectsContinue)
        {
            return;
        }

        // An application may read on one thread and start the response on another.
        Task flush;
        using (lifecycle.Enter())
        {
            if (_values.IsClaimed || !_values.ExpectsContinue)
            {
                return;
            }

            _values.ExpectsContinue = false;
            ResponseHeadWriter.WriteContinue(writer);
            _values.IsSharedUsed = true;
            flush = FlushAsTaskAsync();
        }

        await flush;
    }

    /// <summary>From here on the response is the only one that writes. Inside the gate; the loop, when it is alone.</summary>
    internal void Claim() => _values.IsClaimed = true;

    private async ValueTask FlushUnlessClaimedAsync()
    {
        Task? flush = null;
        using (lifecycle.Enter())
        {
            if (!_values.IsClaimed && !_values.IsSharedUsed)
            {
                _values.IsSharedUsed = true;
                flush = FlushAsTaskAsync();
            }
        }

        if (flush is not null)
        {
            await flush.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private async Task FlushAsTaskAsync() => await FlushAsync();

    /// <summary>Nobody reads what is written any more: the client is gone, which the application learns by its token, as on Kestrel.</summary>
    private FlushResult Observe(FlushResult flush)
    {
        if (flush.IsCompleted)
        {
            lifetime.CloseAfterResponse();
            lifetime.RequestAbort.OnConnectionClosed();
        }

        return flush;
    }

    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    private async ValueTask<FlushResult> AwaitTimedAsync(ValueTask<FlushResult> flush, CancellationToken cancellationToken)
    {
        FlushResult result;
        lifetime.Timeouts.BeginWrite();
        try
        {
            result = Observe(await flush);
        }
        catch (Exception exception) when (lifetime.IsToldByTransport(exception))
        {
            throw;
        }
        catch (OperationCanceledException exception)
        {
            // What was to be flushed may be half way to the client, and more of it would follow the application's next write. As
            // on Kestrel, the connection ends.
            lifetime.Abort(ConnectionError.WriteCanceled, new ConnectionAbortedException("The connection was aborted because a write was canceled.", exception));
            throw;
        }
        finally
        {
            lifetime.Timeouts.EndWrite();
        }

        // A write that stood behind another cannot be taken back; its bytes are on their way. The caller hears of its token all the same, as on Kestrel.
        cancellationToken.ThrowIfCancellationRequested();
        return result;
    }

    private struct Values
    {
        public bool ExpectsContinue;
        public bool FollowsDeferred;

        /// <summary>Another thread may write before the response does.</summary>
        public bool IsShared;

        /// <summary>Another thread has written. Inside the gate, as the next.</summary>
        public bool IsSharedUsed;

        /// <summary>The response has begun to write.</summary>
        public bool IsClaimed;
    }
}
