using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Http;
using Microsoft.Net.Http.Headers;
using OneShot.AspNetCore.Requests;

namespace OneShot.AspNetCore.Http1;

/// <summary>The end of the response: whole, as an error answer, or cut short where neither can be.</summary>
internal abstract partial class Http1Exchange
{
    private bool _isRefusedForSpace;
    private bool _isCut;
    private bool _isClientGone;
    private Task? _ending;

    /// <summary>The application has returned: the response ends, unless the application has ended it.</summary>
    internal ValueTask EndResponseAsync() => _ending is { } ending ? new ValueTask(ending) : EndAsync();

    /// <summary>The application says that the response is complete; it ends now, not when the application returns.</summary>
    internal Task CompleteResponseAsync()
    {
        Task ending = EndAsync().AsTask();
        if (!ending.IsCompletedSuccessfully)
        {
            // Whether or not the application waits for it, the next request must.
            _ending = _ending is null ? ending : Task.WhenAll(_ending, ending);
        }

        return ending;
    }

    /// <summary>Completes the response, with an error answer when the application failed before anything was sent.</summary>
    private async ValueTask EndAsync()
    {
        if (_writer.IsClosed || _isCut)
        {
            return;
        }

        if (_connection.IsAborted || _isClientGone)
        {
            KeepAlive = false;
            if (HasStarted)
            {
                CutShort(); // should somebody be there after all, the rest must not look whole
            }
            else
            {
                Status = StatusCodes.Status499ClientClosedRequest; // for the logs: nobody is there to read it
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

        if (_writer.Missing > 0)
        {
            _connection.EndsWith(ConnectionError.ResponseLength);
            ReportApplicationError(Shortfall());
            CutShort();
            return;
        }

        _writer.End();
        FinishLifetime(); // before the client can know that it has everything, and leave
        await FlushTransportAsync();
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
        Status = _badRequest?.StatusCode ?? StatusCodes.Status500InternalServerError;
        if (_isRefusedForSpace)
        {
            Status = StatusCodes.Status503ServiceUnavailable;
            _responseHeaders[HeaderNames.RetryAfter] = ArenaRejection.RetryAfter;
        }

        _responseHeaders.ContentLength = 0;
    }

    /// <summary>
    /// The client has a response it must not take for whole. A missing last chunk or a missing rest of the length says so at
    /// the end of the connection; where only that end would end the body, the connection is cut (RFC 9112 section 8).
    /// </summary>
    private void CutShort()
    {
        bool endsByItself = _writer.EndsByItself;
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
