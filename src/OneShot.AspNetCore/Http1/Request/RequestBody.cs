using System.IO.Pipelines;
using System.Runtime.CompilerServices;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Http;
using OneShot.AspNetCore.Wire;

namespace OneShot.AspNetCore.Http1.Request;

/// <summary>
/// The body of one request as the application reads it. It never hands out a byte past the body's end, whatever follows
/// on the connection, and it can always be brought to that end by <see cref="DrainAsync"/>.
/// </summary>
/// <remarks>One instance of each framing serves a connection, request after request. Not thread-safe, as no <see cref="PipeReader"/> is.</remarks>
internal abstract class RequestBody(BodyContext context, PipeReader input) : PipeReader
{
    private bool _completedByApplication;
    private bool _begun;
    private bool _isShown; // a read was answered, and nobody has said how far the application has got
    private bool _cancelRequested;
    private volatile bool _isOver;
    private bool _isClosed;
    private volatile bool _isReadPending;
    private TaskCompletionSource? _leftBehind;

    protected BodyContext Context => context;

    protected PipeReader Input => input;

    /// <summary>A read has been handed to the transport and is not answered yet.</summary>
    internal bool IsReadPending
    {
        get => _isReadPending;
        private set => _isReadPending = value;
    }

    /// <summary>The request is over, and with it its body.</summary>
    internal bool IsOver => _isOver;

    /// <summary>The application has begun to read: limits can no longer be changed.</summary>
    internal bool HasBegun => _begun;

    /// <summary>The application has read, and has not said how far it has got.</summary>
    internal virtual bool IsLeftUnadvanced => false;

    /// <summary>There is none: an advance without a read says nothing either, as on Kestrel.</summary>
    protected virtual bool IsEmpty => false;

    /// <summary>Every byte of the body has been consumed.</summary>
    internal abstract bool IsConsumed { get; }

    public sealed override ValueTask<ReadResult> ReadAsync(CancellationToken cancellationToken = default)
    {
        ThrowIfClosed();
        return cancellationToken.IsCancellationRequested ? ValueTask.FromCanceled<ReadResult>(cancellationToken) : ReadNextAsync(cancellationToken);
    }

    private ValueTask<ReadResult> ReadNextAsync(CancellationToken cancellationToken)
    {
        Begin();
        return TryReadInHand(out ReadResult result) ? new ValueTask<ReadResult>(result) : ReadSlowAsync(cancellationToken);
    }

    public sealed override bool TryRead(out ReadResult result)
    {
        ThrowIfClosed();
        return TryReadNext(out result);
    }

    private bool TryReadNext(out ReadResult result)
    {
        Begin();
        return TryReadInHand(out result);
    }

    public sealed override void CancelPendingRead()
    {
        ThrowIfClosed();
        _cancelRequested = true;
        input.CancelPendingRead();
    }

    public override void Complete(Exception? exception = null)
    {
        ThrowIfClosed();
        _completedByApplication = true;
        if (exception is not null)
        {
            context.OnGivenUp(exception);
        }
    }

    public sealed override void AdvanceTo(SequencePosition consumed) => AdvanceTo(consumed, consumed);

    public sealed override void AdvanceTo(SequencePosition consumed, SequencePosition examined)
    {
        ObjectDisposedException.ThrowIf(_isClosed, typeof(HttpRequest));
        if (!_isShown && !IsEmpty)
        {
            throw new InvalidOperationException("No reading operation to complete.");
        }

        _isShown = false;
        Advance(consumed, examined);
    }

    /// <summary>
    /// Reads to the end of the body and throws the bytes away (RFC 9112 section 9.3: what is left of a body must never
    /// be taken for the next request).
    /// </summary>
    /// <param name="timeout">How long what has not arrived yet may take.</param>
    /// <param name="time">The clock.</param>
    /// <returns>False when the end was not reached, so that the connection cannot be used any more; so too when it throws.</returns>
    internal async ValueTask<bool> DrainAsync(TimeSpan timeout, TimeProvider time)
    {
        if (IsReadPending)
        {
            await EndPendingReadAsync();
            return false;
        }

        long start = time.GetTimestamp();
        _completedByApplication = false;
        ReleaseRead();
        while (!IsConsumed && time.GetElapsedTime(start) < timeout && TryReadNext(out ReadResult inHand))
        {
            Advance(inHand.Buffer.End, inHand.Buffer.End);
        }

        if (IsConsumed)
        {
            return true;
        }

        using var source = new CancellationTokenSource(timeout, time);
        while (!IsConsumed && !source.IsCancellationRequested)
        {
            ReadResult result = await ReadNextAsync(source.Token);
            Advance(result.Buffer.End, result.Buffer.End);
        }

        return IsConsumed;
    }

    /// <summary>The application has returned: from here on only <see cref="DrainAsync"/> reads, to bring the body to its end.</summary>
    internal void CloseForApplication() => _isClosed = true;

    /// <summary>The request is over: gives back what was held for its body.</summary>
    internal virtual void End() => _isOver = true;

    /// <summary>What can be answered without the transport: the end of the body, or bytes that are decoded already.</summary>
    protected abstract bool TryReadBuffered(out ReadResult result);

    /// <summary>
    /// Makes an answer of a transport read. False when there is nothing to show yet; the transport has been advanced then.
    /// </summary>
    protected abstract bool TryAccept(in ReadResult read, out ReadResult result);

    /// <summary>Goes on to where the last read was examined; does nothing where there was none.</summary>
    protected abstract void Advance(SequencePosition consumed, SequencePosition examined);

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
        _isClosed = false;
        _isOver = false;
        _completedByApplication = false;
        _begun = false;
        _isShown = false;
        _cancelRequested = false;
    }

    /// <summary>The limits that the request's head alone decides.</summary>
    protected abstract void CheckLimits();

    /// <exception cref="ObjectDisposedException">The application has returned.</exception>
    /// <exception cref="ConnectionAbortedException">The connection has been cut.</exception>
    protected void ThrowIfClosed()
    {
        ObjectDisposedException.ThrowIf(_isClosed, typeof(HttpRequest));
        if (context.IsCut)
        {
            throw BodyContext.Aborted();
        }
    }

    private void Begin()
    {
        ObjectDisposedException.ThrowIf(_isOver, typeof(HttpRequest));
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
            _isShown = true;
            return true;
        }

        try
        {
            while (input.TryRead(out ReadResult read))
            {
                if (TryAccept(read, out result))
                {
                    context.OnRead();
                    _isShown = true;
                    return true;
                }
            }
        }
        catch (Exception exception) when (context.IsToldByTransport(exception))
        {
            throw;
        }

        return false;
    }

    /// <summary>
    /// The application has returned with a read still waiting. It is ended before the request's memory and the transport's
    /// reader go to somebody else.
    /// </summary>
    private async ValueTask EndPendingReadAsync()
    {
        var left = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        _leftBehind = left;
        _isOver = true;
        Interlocked.MemoryBarrier(); // against that of ReadSlowAsync: either it sees who waits, or it is seen to be over
        input.CancelPendingRead();
        if (IsReadPending)
        {
            await left.Task;
        }

        _leftBehind = null;
    }

    private ReadResult ThrowIfOver(ReadResult read)
    {
        if (context.IsCut)
        {
            input.AdvanceTo(read.Buffer.Start, read.Buffer.End);
            throw new TaskCanceledException("The request was aborted.");
        }

        if (_isOver)
        {
            input.AdvanceTo(read.Buffer.Start, read.Buffer.End);
            throw new ObjectDisposedException(nameof(HttpRequest), "The request is over; a read of its body was left behind.");
        }

        if (context.IsTimedOut)
        {
            input.AdvanceTo(read.Buffer.Start, read.Buffer.End);
            throw context.Refuse(RequestRejection.RequestBodyTimeout);
        }

        return read;
    }

    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    private async ValueTask<ReadResult> ReadSlowAsync(CancellationToken cancellationToken)
    {
        IsReadPending = true;
        try
        {
            await context.SendContinueIfExpectedAsync();
            if (context.IsTimedOut)
            {
                throw context.Refuse(RequestRejection.RequestBodyTimeout);
            }

            ReadResult result;
            context.Timeouts.BeginRead();
            while (!TryAccept(ThrowIfOver(await input.ReadAsync(cancellationToken)), out result))
            {
            }

            context.OnRead();
            _isShown = true;
            return result;
        }
        catch (Exception exception) when (context.IsCut && exception is not TaskCanceledException)
        {
            throw new TaskCanceledException("The request was aborted.", exception); // in whichever way the transport tells of it
        }
        catch (Exception exception) when (context.IsToldByTransport(exception))
        {
            throw;
        }
        finally
        {
            context.Timeouts.EndRead();
            IsReadPending = false;
            Interlocked.MemoryBarrier();
            _leftBehind?.TrySetResult();
        }
    }
}
