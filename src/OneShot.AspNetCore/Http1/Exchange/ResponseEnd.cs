using System.Diagnostics;
using System.IO.Pipelines;
using System.Runtime.CompilerServices;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Http;
using OneShot.AspNetCore.Http1.Response;

namespace OneShot.AspNetCore.Http1.Exchange;

/// <summary>The end of the response: whole, as an error answer, or cut short where neither can be.</summary>
internal sealed class ResponseEnd(
    ConnectionLifetime lifetime, RequestFailure failure, ResponseLifecycle lifecycle, ResponseOutput output, ResponseStart start)
{
    private Task? _ending;

    /// <summary>OnCompleted.</summary>
    internal ResponseCallbacks Callbacks { get; } = new();

    private ResponseState State => lifecycle.State;

    internal void Begin()
    {
        Callbacks.Clear();
        _ending = null;
    }

    /// <summary>Called when the last byte is on its way; what a callback throws is logged.</summary>
    internal ValueTask FireOnCompletedAsync() => Callbacks.Count == 0 ? default : Callbacks.FireAsync(failure.Log);

    /// <summary>The application has returned: its last chance to set fields, and the check of what it promised.</summary>
    internal ValueTask ApplicationReturnedAsync()
    {
        if (State == ResponseState.Open && failure.Exception is null && start.Callbacks.Count > 0)
        {
            return FireThenCheckAsync();
        }

        CheckPromises();
        return default;
    }

    /// <summary>The application has thrown.</summary>
    internal void ApplicationFailed(Exception exception)
    {
        if (failure.IsEndOfConnection(exception))
        {
            failure.LogAborted();
            lifecycle.EnterAndApply(ResponseEvent.ClientGone);
            return;
        }

        // Where the client has ended its request too early, it may still take the answer to that.
        if (!start.HasStarted && lifetime.RequestAbort.IsConnectionClosed && exception is not BadHttpRequestException)
        {
            lifecycle.EnterAndApply(ResponseEvent.ClientGone);
        }

        failure.Classify(exception);
        failure.Report(exception);
    }

    /// <summary>The application has returned: the response ends, unless the application has ended it.</summary>
    internal ValueTask EndAsync() => _ending is { } ending ? EndAfterAsync(ending) : EndByLoopAsync();

    /// <summary>The application has returned, and never waited: ends the response, where nothing has gone wrong and nobody is to be called.</summary>
    /// <returns>
    /// False when everything is still to be done, or being done, or the transport did not take the end at once: it is still to be waited for.
    /// </returns>
    internal bool TryEndAtOnce()
    {
        if (_ending is not null || IsUnusual || start.Callbacks.Count > 0 || Callbacks.Count > 0 || Shortfall() is not null)
        {
            return false;
        }

        ValueTask end = EndUsual(byLoop: true);
        if (end.IsCompletedSuccessfully)
        {
            return failure.Exception is null;
        }

        _ending = end.AsTask();
        return false;
    }

    /// <summary>The end of the response could not be written.</summary>
    internal void Failed(Exception exception)
    {
        if (failure.IsEndOfConnection(exception))
        {
            failure.LogAborted();
        }
        else
        {
            failure.Report(exception);
        }

        CutShort();
    }

    /// <summary>
    /// The application says that the response is complete; it ends now, not when the application returns. Without effect where the
    /// application's part is over.
    /// </summary>
    /// <exception cref="InvalidOperationException">
    /// Less was written than was promised. Nothing has ended: the application may write the rest, or return.
    /// </exception>
    internal Task CompleteAsync()
    {
        bool calls;
        TaskCompletionSource completing;
        using (lifecycle.Enter())
        {
            if (lifecycle.IsClosed || State.IsClosed())
            {
                return Task.CompletedTask;
            }

            calls = start.MustCallFirst && !lifetime.IsCut && !State.IsOver();
            if (!calls && !State.IsOver() && Shortfall() is { } shortfall)
            {
                return Task.FromException(shortfall);
            }

            if (!calls && !IsUnusual)
            {
                Task ending = EndUsual(byLoop: false).AsTask();
                Track(ending);
                return ending;
            }

            // Code of the application runs, outside of the gate. The loop knows of it before the gate is left.
            completing = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            Track(completing.Task);
        }

        return CompleteAsync(completing, calls);
    }

    private bool IsUnusual => !State.IsUsual() || failure.Exception is not null || lifetime.IsCut;

    /// <summary>
    /// Nobody is to hear that it is out, it was not to be taken at a rate of its own, and had it to be asked for again because
    /// the connection was cut, no harm would come of it (RFC 9110 section 9.2.1).
    /// </summary>
    private bool MayDeferFlush =>
        lifetime.KeepAlive
        && (start.Head.Request & (RequestTraits.IsSafe | RequestTraits.HasBody)) == RequestTraits.IsSafe
        && Callbacks.Count == 0
        && output.HasUsualRate
        && output.MayDeferFlush;

    /// <remarks>A callback that fails is the application's failure, 500, whatever it throws: it has not found the request bad.</remarks>
    private async ValueTask FireThenCheckAsync()
    {
        try
        {
            await start.Callbacks.FireAsync();
        }
        catch (BadHttpRequestException exception)
        {
            failure.Report(exception);
        }

        CheckPromises();
    }

    private void CheckPromises()
    {
        if (lifetime.IsCut || failure.Exception is not null)
        {
            return;
        }

        if (lifetime.RequestAbort.IsConnectionClosed)
        {
            // Nobody waits for what was promised. An application that has written nothing has given up because of it.
            if (!start.HasStarted)
            {
                lifecycle.EnterAndApply(ResponseEvent.ClientGone);
            }

            return;
        }

        if (Shortfall() is { } shortfall)
        {
            if (start.HasStarted)
            {
                lifetime.CloseAfterResponse(ConnectionError.ResponseLength);
            }

            failure.Report(shortfall);
        }
    }

    private async ValueTask EndAfterAsync(Task ending)
    {
        await ending;
        if (!State.IsClosed())
        {
            await EndByLoopAsync(); // it could not be completed then
        }
    }

    private async Task CompleteAsync(TaskCompletionSource completing, bool calls)
    {
        try
        {
            if (calls)
            {
                try
                {
                    await start.Callbacks.FireAsync();
                }
                catch (Exception exception)
                {
                    failure.Report(exception);
                }

                if (!State.IsOver() && Shortfall() is { } shortfall)
                {
                    completing.SetResult(); // for the loop nothing is wrong yet
                    throw shortfall;
                }
            }

            await EndUnusualAsync(byLoop: false);
            completing.SetResult();
        }
        catch (Exception exception)
        {
            completing.TrySetException(exception); // the loop waits for it, whatever has thrown
            throw;
        }
    }

    private void Track(Task ending)
    {
        if (!ending.IsCompletedSuccessfully)
        {
            // Whether or not the application waits for it, the next request must.
            _ending = _ending is null ? ending : Task.WhenAll(_ending, ending);
        }
    }

    /// <summary>Completes the response: at once where nothing has gone wrong and nobody is to be called first.</summary>
    private ValueTask EndByLoopAsync() =>
        IsUnusual || start.MustCallFirst ? EndUnusualAsync(byLoop: true) : EndUsual(byLoop: true);

    /// <param name="byLoop">
    /// The connection's loop ends it, when the application's part is over: it is alone with the response, and may send it together with
    /// the next. Else it is the application, inside the gate.
    /// </param>
    private ValueTask EndUsual(bool byLoop)
    {
        try
        {
            if (!start.HasStarted)
            {
                start.StartCompleted();
            }

            return FinishWriting(byLoop);
        }
        catch (Exception exception)
        {
            return ValueTask.FromException(exception);
        }
    }

    /// <summary>Everything has been written, or too little of it.</summary>
    private ValueTask FinishWriting(bool byLoop)
    {
        if (start.Body.Missing > 0)
        {
            if (!lifetime.RequestAbort.IsConnectionClosed)
            {
                lifetime.EndsWith(ConnectionError.ResponseLength);
                failure.Report(TooFewBytes());
            }

            CutShort();
            return default;
        }

        if (byLoop)
        {
            Debug.Assert(lifecycle.IsClosed);
            return WriteEnd(mayDefer: true);
        }

        using (lifecycle.Enter())
        {
            return WriteEnd(mayDefer: false);
        }
    }

    private ValueTask WriteEnd(bool mayDefer)
    {
        if (State.IsClosed())
        {
            return default; // the application has completed it, on another thread
        }

        start.Body.End();
        lifecycle.Apply(ResponseEvent.End);
        lifetime.RequestAbort.Retire(); // before the client can know that it has everything, and leave
        if (mayDefer && MayDeferFlush)
        {
            return default; // goes out with the responses to the requests that are here already
        }

        ValueTask<FlushResult> flush = output.FlushAsync();
        if (!flush.IsCompletedSuccessfully)
        {
            return AwaitLastFlushAsync(flush);
        }

        flush.GetAwaiter().GetResult();
        return default;
    }

    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder))]
    private static async ValueTask AwaitLastFlushAsync(ValueTask<FlushResult> flush) => await flush;

    /// <summary>With an error answer when the application failed before anything was sent.</summary>
    private async ValueTask EndUnusualAsync(bool byLoop)
    {
        if (State.IsClosed())
        {
            return;
        }

        bool isClientGone = State.IsOver();
        if (lifetime.IsCut || isClientGone)
        {
            lifetime.CloseAfterResponse();
            if (!start.HasStarted && !byLoop && !isClientGone && failure.Exception is null)
            {
                await start.StartCompletedAsync(); // the application sees a response that it has completed
            }

            if (start.HasStarted)
            {
                CutShort(); // should somebody be there after all, the rest must not look whole
            }
            else
            {
                start.Head.Status = failure.IsFoundBad ? failure.BadRequest!.StatusCode : StatusCodes.Status499ClientClosedRequest; // for the logs: nobody is there to read it
            }

            return;
        }

        if (failure.Exception is not null)
        {
            if (start.HasStarted)
            {
                lifetime.EndsWith(ConnectionError.AfterStartingResponse);
                CutShort();
                return;
            }

            using (lifecycle.Enter())
            {
                start.BecomeError();
            }
        }

        if (!start.HasStarted)
        {
            await start.StartCompletedAsync();
        }

        await FinishWriting(byLoop);
    }

    /// <summary>
    /// The client has a response it must not take for whole. A missing last chunk or a missing rest of the length says so at
    /// the end of the connection; where only that end would end the body, the connection is cut (RFC 9112 section 8). What follows
    /// a 101 is no body: what was written of it arrives.
    /// </summary>
    private void CutShort()
    {
        bool endsByItself = start.Body.EndsByItself || start.IsUpgrade;
        using (lifecycle.Enter())
        {
            lifecycle.Apply(ResponseEvent.Cut);
            start.Body.Stop();
        }

        lifetime.CloseAfterResponse();
        if (endsByItself)
        {
            return;
        }

        lifetime.Abort(ConnectionError.AfterStartingResponse, new ConnectionAbortedException(
            "The response was cut short: the application failed, or wrote less than it had promised, after the response had started."));
    }

    /// <summary>What is wrong with the response if it ends here; null when nothing is.</summary>
    private InvalidOperationException? Shortfall() =>
        start.Body.Missing > 0 || (!start.HasStarted && start.Head.CanHaveBody && start.Head.Headers.ContentLength > start.Body.Written) ? TooFewBytes() : null;

    private InvalidOperationException TooFewBytes() => new(
        $"Response Content-Length mismatch: too few bytes written ({start.Body.Written} of {start.Head.Headers.ContentLength}).");
}
