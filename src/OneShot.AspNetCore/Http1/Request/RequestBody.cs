using System.IO.Pipelines;
using System.Runtime.CompilerServices;
using Microsoft.AspNetCore.Http;
using OneShot.AspNetCore.Headers;

namespace OneShot.AspNetCore.Http1.Request;

/// <summary>
/// The body of one request as the application reads it. It never hands out a byte past the body's end, whatever follows
/// on the connection, and it can always be brought to that end by <see cref="DrainAsync"/>.
/// </summary>
/// <remarks>One instance of each framing serves a connection, request after request. Not thread-safe, as no <see cref="PipeReader"/> is.</remarks>
internal abstract class RequestBody(Http1Exchange exchange, PipeReader input) : PipeReader
{
    private bool _completedByApplication;
    private bool _begun;
    private bool _cancelRequested;

    protected Http1Exchange Exchange => exchange;

    protected PipeReader Input => input;

    /// <summary>A read has been handed to the transport and is not answered yet.</summary>
    internal bool IsReadPending { get; private set; }

    /// <summary>The application has begun to read: limits can no longer be changed.</summary>
    internal bool HasBegun => _begun;

    /// <summary>Every byte of the body has been consumed.</summary>
    internal abstract bool IsConsumed { get; }

    public sealed override ValueTask<ReadResult> ReadAsync(CancellationToken cancellationToken = default)
    {
        Begin();
        return TryReadInHand(out ReadResult result) ? new ValueTask<ReadResult>(result) : ReadSlowAsync(cancellationToken);
    }

    public sealed override bool TryRead(out ReadResult result)
    {
        Begin();
        return TryReadInHand(out result);
    }

    public sealed override void CancelPendingRead()
    {
        _cancelRequested = true;
        input.CancelPendingRead();
    }

    public sealed override void Complete(Exception? exception = null) => _completedByApplication = true;

    public sealed override void AdvanceTo(SequencePosition consumed) => AdvanceTo(consumed, consumed);

    /// <summary>
    /// Reads to the end of the body and throws the bytes away (RFC 9112 section 9.3: what is left of a body must never
    /// be taken for the next request).
    /// </summary>
    /// <param name="timeout">How long what has not arrived yet may take.</param>
    /// <param name="time">The clock.</param>
    /// <returns>False when the end was not reached, so that the connection cannot be used any more.</returns>
    internal async ValueTask<bool> DrainAsync(TimeSpan timeout, TimeProvider time)
    {
        if (IsReadPending)
        {
            return false; // the application left a read behind; the transport's reader is not ours
        }

        _completedByApplication = false;
        ReleaseRead();
        try
        {
            while (!IsConsumed && TryRead(out ReadResult inHand))
            {
                AdvanceTo(inHand.Buffer.End);
            }

            if (IsConsumed)
            {
                return true;
            }

            using var source = new CancellationTokenSource(timeout, time);
            while (!IsConsumed)
            {
                ReadResult result = await ReadAsync(source.Token);
                AdvanceTo(result.Buffer.End);
            }

            return true;
        }
        catch (Exception exception) when (exception is BadHttpRequestException or IOException or OperationCanceledException)
        {
            return false;
        }
    }

    /// <summary>The request is over: gives back what was held for its body.</summary>
    internal virtual void End()
    {
    }

    /// <summary>What can be answered without the transport: the end of the body, or bytes that are decoded already.</summary>
    protected abstract bool TryReadBuffered(out ReadResult result);

    /// <summary>
    /// Makes an answer of a transport read. False when there is nothing to show yet; the transport has been advanced then.
    /// </summary>
    protected abstract bool TryAccept(in ReadResult read, out ReadResult result);

    /// <summary>Gives back a read that the application never advanced.</summary>
    protected abstract void ReleaseRead();

    /// <summary>Whether a cancelled transport read was asked for by the application; any other is not shown to it.</summary>
    protected bool TakeCancellation(bool transportCanceled)
    {
        bool canceled = transportCanceled && _cancelRequested;
        if (canceled)
        {
            _cancelRequested = false;
        }

        return canceled;
    }

    protected void BeginRequest()
    {
        _completedByApplication = false;
        _begun = false;
        _cancelRequested = false;
    }

    /// <summary>The limits that the request's head alone decides.</summary>
    protected abstract void CheckLimits();

    private void Begin()
    {
        if (_completedByApplication)
        {
            throw new InvalidOperationException("Reading is not allowed after reader was completed.");
        }

        if (!_begun)
        {
            CheckLimits();
            _begun = true;
        }
    }

    private bool TryReadInHand(out ReadResult result)
    {
        if (TryReadBuffered(out result))
        {
            return true;
        }

        while (input.TryRead(out ReadResult read))
        {
            if (TryAccept(read, out result))
            {
                exchange.OnBodyRead();
                return true;
            }
        }

        return false;
    }

    private ReadResult ThrowIfTimedOut(ReadResult read)
    {
        if (read.IsCanceled && exchange.IsBodyTimedOut)
        {
            input.AdvanceTo(read.Buffer.Start, read.Buffer.End);
            throw exchange.Refuse(RequestRejection.RequestBodyTimeout);
        }

        return read;
    }

    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    private async ValueTask<ReadResult> ReadSlowAsync(CancellationToken cancellationToken)
    {
        IsReadPending = true;
        try
        {
            await exchange.SendContinueIfExpectedAsync();
            ReadResult result;
            exchange.Timeouts.BeginRead();
            while (!TryAccept(ThrowIfTimedOut(await input.ReadAsync(cancellationToken)), out result))
            {
            }

            exchange.OnBodyRead();
            return result;
        }
        finally
        {
            exchange.Timeouts.EndRead();
            IsReadPending = false;
        }
    }
}
