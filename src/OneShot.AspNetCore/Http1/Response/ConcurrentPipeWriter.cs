using System.Buffers;
using System.Diagnostics;
using System.IO.Pipelines;

namespace OneShot.AspNetCore.Http1.Response;

/// <summary>
/// The transport's writer, which may also be written to and flushed while a flush of it waits for the client. What comes in
/// meanwhile is queued, and goes out behind it. Applications that do not await their writes need that: over TLS the transport's
/// own writer would lose those bytes, and a <see cref="Pipe"/>'s takes them but not a second flush.
/// </summary>
/// <remarks>
/// <para>
/// One writer at a time, as for any <see cref="PipeWriter"/>; the end of a flush comes on another thread. While
/// <see cref="_isFlushing"/>, only the flush touches the transport's writer; otherwise only the one who writes does. That one has
/// <see cref="_isQueueing"/> to itself: as long as no flush had to wait, calls pass through at the price of that one look.
/// </para>
/// <para>
/// The queue has no limit, as on Kestrel: who awaits is held up as ever, and who does not has chosen to keep it all in memory.
/// A flush that fails is the last: what follows would stand behind a gap.
/// </para>
/// </remarks>
internal sealed partial class ConcurrentPipeWriter(PipeWriter transport, MemoryPool<byte> pool) : PipeWriter
{
    private readonly Lock _lock = new();
    private readonly WriteQueue _queue = new(pool);

    /// <summary>Bytes that the transport was given and not asked to flush. The writer's own; a middleware's writer may not count them.</summary>
    private long _passedOn;

    /// <summary>What is written goes to the queue. Set by the writer when its flush has to wait, and cleared by it.</summary>
    private bool _isQueueing;

    /// <summary>Bytes written to the queue that nobody has asked to flush. The writer's own.</summary>
    private long _unflushed;

    private bool _isFlushing; // from here on, under the lock
    private long _asked; // bytes at the queue's beginning that a flush was asked for
    private bool _isLeased; // memory of the queue may be written to
    private Exception? _failure;
    private TaskCompletionSource<FlushResult>? _next; // whoever has asked for a flush during the one under way

    public override bool CanGetUnflushedBytes => true;

    /// <summary>Bytes for which no flush was asked.</summary>
    public override long UnflushedBytes => _isQueueing ? _unflushed : _passedOn;

    /// <summary>A flush waits for the client. Asked by the writer.</summary>
    internal bool IsFlushing
    {
        get
        {
            if (!_isQueueing)
            {
                return false;
            }

            lock (_lock)
            {
                return _isFlushing;
            }
        }
    }

    public override Memory<byte> GetMemory(int sizeHint = 0) =>
        _isQueueing && TryGetQueued(sizeHint, out Memory<byte> memory) ? memory : transport.GetMemory(sizeHint);

    public override Span<byte> GetSpan(int sizeHint = 0) =>
        _isQueueing && TryGetQueued(sizeHint, out Memory<byte> memory) ? memory.Span : transport.GetSpan(sizeHint);

    public override void Advance(int bytes)
    {
        if (!_isQueueing)
        {
            transport.Advance(bytes);
            _passedOn += bytes;
            return;
        }

        lock (_lock)
        {
            if (_failure is null)
            {
                _queue.Advance(bytes);
                _unflushed += bytes;
            }
        }
    }

    /// <summary>
    /// Completes when the bytes written up to now have been flushed. The token cancels a flush that does not wait behind another.
    /// </summary>
    public override ValueTask<FlushResult> FlushAsync(CancellationToken cancellationToken = default)
    {
        if (_isQueueing)
        {
            lock (_lock)
            {
                _unflushed = 0;
                _isLeased = false; // memory that was got before a flush is not written to after it
                if (!TryLeaveQueue())
                {
                    return _failure is null ? new ValueTask<FlushResult>(Join()) : ValueTask.FromException<FlushResult>(_failure);
                }
            }
        }

        ValueTask<FlushResult> flush = FlushTransport(cancellationToken);
        _passedOn = 0;
        if (flush.IsCompleted)
        {
            return flush;
        }

        _isFlushing = true; // without the lock: there is nobody yet but the writer
        _isQueueing = true;
        return FlushThenNextAsync(flush);
    }

    /// <summary>Whoever waits for a flush is told so at once; the bytes still go out.</summary>
    public override void CancelPendingFlush() => transport.CancelPendingFlush();

    public override void Complete(Exception? exception = null) => CompleteAsync(exception).ThrowOrObserve();

    /// <summary>What is queued goes out first, as far as the transport takes it.</summary>
    public override async ValueTask CompleteAsync(Exception? exception = null)
    {
        while (PendingFlush() is { } pending)
        {
            await ((Task)pending).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }

        lock (_lock)
        {
            if (exception is not null || !TryLeaveQueue())
            {
                _queue.Drop();
                _queue.ReleaseTail();
            }

            _isQueueing = false;
            exception ??= _failure; // or the transport would try to send what it could not
        }

        await transport.CompleteAsync(exception);
    }

    /// <summary>A flush that fails says so by its task. A <see cref="Pipe"/> whose reader has failed throws out of the call.</summary>
    private ValueTask<FlushResult> FlushTransport(CancellationToken cancellationToken)
    {
        try
        {
            return transport.FlushAsync(cancellationToken);
        }
        catch (Exception exception)
        {
            return ValueTask.FromException<FlushResult>(exception);
        }
    }

    private bool TryGetQueued(int sizeHint, out Memory<byte> memory)
    {
        lock (_lock)
        {
            if (TryLeaveQueue())
            {
                memory = default;
                return false;
            }

            _isLeased = true;
            memory = _queue.GetMemory(sizeHint);
            return true;
        }
    }

    /// <summary>The writer goes back to the transport, with what it has queued, once no flush is under way.</summary>
    private bool TryLeaveQueue()
    {
        Debug.Assert(_lock.IsHeldByCurrentThread);
        if (_isFlushing || _failure is not null)
        {
            return false;
        }

        long moved = _queue.Length;
        try
        {
            _queue.TryMoveTo(transport, long.MaxValue);
        }
        catch (Exception exception)
        {
            Fail(exception); // the transport has ended, and takes no more
            return false;
        }

        _queue.ReleaseTail();
        _passedOn = moved;
        _unflushed = 0; // they count as the transport's now
        _asked = 0;
        _isLeased = false;
        _isQueueing = false;
        return true;
    }
}
