using System.IO.Pipelines;
using System.Runtime.CompilerServices;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Http;
using Microsoft.Net.Http.Headers;
using OneShot.AspNetCore.Requests;

namespace OneShot.AspNetCore.Http1;

/// <summary>The end of the response: whole, as an error answer, or cut short where neither can be.</summary>
internal abstract partial class Http1Exchange
{
    private bool _isRefusedForSpace;
    private bool _isFoundBad; // the application has let through that the request is bad: nothing else makes that its answer
    private bool _isCut;
    private bool _isClientGone;
    private Task? _ending;

    /// <summary>The application has returned: the response ends, unless the application has ended it.</summary>
    internal ValueTask EndResponseAsync()
    {
        CloseForApplication();
        return _ending is { } ending ? EndAfterAsync(ending) : EndAsync(mayHold: true);
    }

    /// <summary>The application has returned, and what it was promised to be called back for before the start: its part is over.</summary>
    private void CloseForApplication()
    {
        _body.CloseForApplication();
        _emptyBody.CloseForApplication(); // who has got that, and upgraded then, still has it
        _writer.CloseForApplication();
    }

    private async ValueTask EndAfterAsync(Task ending)
    {
        await ending;
        if (!_writer.IsClosed)
        {
            await EndAsync(mayHold: true); // it could not be completed then
        }
    }

    /// <summary>
    /// The application has returned, and never waited: ends the response if nothing has gone wrong, nobody is to be called
    /// and the transport takes it at once. Else everything is still to be done, or being done.
    /// </summary>
    internal bool TryEndResponse()
    {
        if (_ending is not null || IsUnusual || _onStarting.Count > 0 || _onCompleted.Count > 0 || ResponseShortfall() is not null)
        {
            return false;
        }

        CloseForApplication();
        ValueTask end = EndAsync(mayHold: true);
        if (end.IsCompletedSuccessfully)
        {
            return ApplicationException is null;
        }

        _ending = end.AsTask();
        return false;
    }

    /// <summary>The application says that the response is complete; it ends now, not when the application returns.</summary>
    /// <exception cref="InvalidOperationException">
    /// Less was written than was promised. Nothing has ended: the application may write the rest, or return.
    /// </exception>
    internal Task CompleteResponseAsync()
    {
        if (!HasStarted && _onStarting.Count > 0 && !_connection.IsAborted && !IsOver)
        {
            Task<InvalidOperationException?> completing = FireThenCompleteAsync();
            Track(completing);
            return ThrowIfShortAsync(completing);
        }

        if (!IsOver && ResponseShortfall() is { } shortfall)
        {
            return Task.FromException(shortfall);
        }

        Task ending = EndAsync(mayHold: false).AsTask();
        Track(ending);
        return ending;
    }

    private async Task<InvalidOperationException?> FireThenCompleteAsync()
    {
        try
        {
            await FireOnStartingAsync();
        }
        catch (Exception exception)
        {
            ReportApplicationError(exception);
        }

        if (!IsOver && ResponseShortfall() is { } shortfall)
        {
            return shortfall;
        }

        await EndAsync(mayHold: false);
        return null;
    }

    private static async Task ThrowIfShortAsync(Task<InvalidOperationException?> completing)
    {
        if (await completing is { } shortfall)
        {
            throw shortfall;
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

    /// <summary>Completes the response: at once where nothing has gone wrong and nobody is to be called or waited for first.</summary>
    /// <param name="mayHold">The connection's loop goes on to the next request now, and may send the response together with the next.</param>
    private ValueTask EndAsync(bool mayHold)
    {
        if (IsUnusual || (!HasStarted && _onStarting.Count > 0))
        {
            return EndUnusualAsync(mayHold);
        }

        try
        {
            if (!HasStarted)
            {
                StartCompletedResponse();
            }

            return FinishWriting(mayHold);
        }
        catch (Exception exception)
        {
            return ValueTask.FromException(exception);
        }
    }

    private bool IsUnusual => HasFailed || _connection.IsAborted;

    private bool HasFailed => IsOver || ApplicationException is not null;

    /// <summary>Nothing more can come of the response.</summary>
    private bool IsOver => _writer.IsClosed || _isCut || _isClientGone;

    /// <summary>
    /// Nobody is to hear that it is out, it was not to be taken at a rate of its own, and had it to be asked for again because
    /// the connection was cut, no harm would come of it (RFC 9110 section 9.2.1).
    /// </summary>
    private bool MayBeHeld =>
        KeepAlive && _isSafe && _onCompleted.Count == 0 && _body == _emptyBody && ReferenceEquals(_responseRate, _front.Options.Limits.MinResponseDataRate);

    /// <summary>Everything has been written, or too little of it.</summary>
    private ValueTask FinishWriting(bool mayHold)
    {
        if (_writer.Missing > 0)
        {
            if (!IsRequestAborted)
            {
                _connection.EndsWith(ConnectionError.ResponseLength);
                ReportApplicationError(Shortfall());
            }

            CutShort();
            return default;
        }

        _writer.End();
        FinishLifetime(); // before the client can know that it has everything, and leave
        if (mayHold && MayBeHeld && _connection.HoldsResponses)
        {
            return default; // goes out with the responses to the requests that are here already
        }

        ValueTask<FlushResult> flush = FlushTransportAsync();
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
    private async ValueTask EndUnusualAsync(bool mayHold)
    {
        if (_writer.IsClosed || _isCut)
        {
            return;
        }

        if (_connection.IsAborted || _isClientGone)
        {
            KeepAlive = false;
            if (!HasStarted && !mayHold && !_isClientGone && ApplicationException is null)
            {
                await StartCompletedResponseAsync(); // the application sees a response that it has completed
            }

            if (HasStarted)
            {
                CutShort(); // should somebody be there after all, the rest must not look whole
            }
            else
            {
                Status = _isFoundBad ? _badRequest!.StatusCode : StatusCodes.Status499ClientClosedRequest; // for the logs: nobody is there to read it
            }

            return;
        }

        if (ApplicationException is not null)
        {
            if (HasStarted)
            {
                _connection.EndsWith(ConnectionError.AfterStartingResponse);
                CutShort();
                return;
            }

            BecomeErrorResponse();
        }

        if (!HasStarted)
        {
            await StartCompletedResponseAsync();
        }

        await FinishWriting(mayHold);
    }

    /// <summary>The end of the response could not be written.</summary>
    internal void EndFailed(Exception exception)
    {
        if (IsEndOfConnection(exception))
        {
            Http1Log.RequestAborted(_front.Logger, _connection.ConnectionId, TraceIdentifier);
        }
        else
        {
            ReportApplicationError(exception);
        }

        CutShort();
    }

    /// <summary>Whatever the application had prepared is dropped: status and an empty body, as Kestrel answers.</summary>
    private void BecomeErrorResponse()
    {
        _writer.DiscardEarlyBytes();
        _responseHeaders.Clear();
        _onStarting.Clear();
        ReasonPhrase = null;
        Status = _isFoundBad ? _badRequest!.StatusCode : StatusCodes.Status500InternalServerError;
        if (_isRefusedForSpace)
        {
            Status = StatusCodes.Status503ServiceUnavailable;
            _responseHeaders[HeaderNames.RetryAfter] = ArenaRejection.RetryAfter;
        }

        _responseHeaders.ContentLength = 0;
    }

    /// <summary>
    /// The client has a response it must not take for whole. A missing last chunk or a missing rest of the length says so at
    /// the end of the connection; where only that end would end the body, the connection is cut (RFC 9112 section 8). What follows
    /// a 101 is no body: what was written of it arrives.
    /// </summary>
    private void CutShort()
    {
        bool endsByItself = _writer.EndsByItself || _isUpgraded;
        _isCut = true;
        KeepAlive = false;
        _writer.Stop();
        if (endsByItself)
        {
            return;
        }

        _connection.Abort(ConnectionError.AfterStartingResponse, new ConnectionAbortedException(
            "The response was cut short: the application failed, or wrote less than it had promised, after the response had started."));
    }

    private InvalidOperationException? ResponseShortfall() =>
        _writer.Missing > 0 || (!HasStarted && CanHaveBody && _responseHeaders.ContentLength > _writer.Written)
            ? Shortfall()
            : null;

    private InvalidOperationException Shortfall() => new(
        $"Response Content-Length mismatch: too few bytes written ({_writer.Written} of {_responseHeaders.ContentLength}).");
}
