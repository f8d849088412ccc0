using System.Diagnostics;
using System.IO.Pipelines;
using System.Runtime.CompilerServices;

namespace OneShot.AspNetCore.Http1.Response;

/// <summary>From the flush that has to wait to the end of the last that was asked for behind it.</summary>
internal sealed partial class ConcurrentPipeWriter
{
    private Task<FlushResult> Join()
    {
        Debug.Assert(_lock.IsHeldByCurrentThread && _isFlushing);
        _asked = _queue.Length;
        _next ??= new TaskCompletionSource<FlushResult>(TaskCreationOptions.RunContinuationsAsynchronously);
        return _next.Task;
    }

    private Task<FlushResult>? PendingFlush()
    {
        lock (_lock)
        {
            return _isFlushing ? Join() : null;
        }
    }

    /// <summary>The flush that found nobody before it: its caller waits for it alone, and those behind it are served whether or not he does.</summary>
    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    private async ValueTask<FlushResult> FlushThenNextAsync(ValueTask<FlushResult> flush)
    {
        FlushResult result;
        try
        {
            result = await flush.ConfigureAwait(false); // the queue must not wait for the application's context
        }
        catch (Exception exception)
        {
            Fail(exception);
            throw;
        }

        if (EndFlush() is { } next)
        {
            _ = FlushQueueAsync(next, result);
        }

        return result;
    }

    /// <summary>Flushes what was queued during a flush, and what was queued during that, until nobody has asked for more.</summary>
    private async Task FlushQueueAsync(TaskCompletionSource<FlushResult>? next, FlushResult result)
    {
        for (; next is not null; next = EndFlush())
        {
            if (result.IsCanceled)
            {
                next.TrySetResult(result); // all that wait are let go
            }

            try
            {
                if (TryMoveQueue() || result.IsCanceled)
                {
                    result = await transport.FlushAsync().ConfigureAwait(false);
                }
            }
            catch (Exception exception)
            {
                next.TrySetException(exception);
                Fail(exception);
                return;
            }

            next.TrySetResult(result);
        }
    }

    private bool TryMoveQueue()
    {
        lock (_lock)
        {
            long asked = _asked;
            _asked = 0;
            return _queue.TryMoveTo(transport, asked);
        }
    }

    /// <summary>A flush has ended. Those who have asked for the next are returned; if there are none, the transport is the writer's again.</summary>
    private TaskCompletionSource<FlushResult>? EndFlush()
    {
        lock (_lock)
        {
            TaskCompletionSource<FlushResult>? next = _next;
            _next = null;
            if (next is null)
            {
                _isFlushing = false;
                ReleaseUnleased();
            }

            return next;
        }
    }

    /// <summary>That was the last flush: those who wait for the next hear why there is none.</summary>
    private void Fail(Exception failure)
    {
        lock (_lock)
        {
            _failure = failure;
            _isFlushing = false;
            _queue.Drop();
            _asked = 0;
            ReleaseUnleased();
            _next?.TrySetException(failure);
            _next = null;
        }
    }

    /// <summary>An idle connection holds no block.</summary>
    private void ReleaseUnleased()
    {
        if (!_isLeased)
        {
            _queue.ReleaseTail();
        }
    }
}
