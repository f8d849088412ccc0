using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Net.Http.Headers;
using OneShot.AspNetCore.Http1.Response;
using OneShot.AspNetCore.Requests;

namespace OneShot.AspNetCore.Http1;

/// <summary>The response: status, fields, and the moment at which they go out.</summary>
internal abstract partial class Http1Exchange : IHttpResponseFeature
{
    private readonly ResponseHeaderDictionary _responseHeaders;
    private bool _isHead;
    private bool _isConnect;
    private bool _isHttp10;
    private bool _isRefusedForSpace;
    private bool _isCut;
    private bool _isClientGone;
    private Task? _ending;

    /// <summary>The response's head is on its way: nothing in it can be changed any more.</summary>
    public bool HasStarted { get; private set; }

    int IHttpResponseFeature.StatusCode
    {
        get => Status;
        set
        {
            ThrowIfStarted(nameof(IHttpResponseFeature.StatusCode));
            if (value is < 100 or > 999)
            {
                throw new ArgumentOutOfRangeException(nameof(value), value, "A status code has three digits (RFC 9110 section 15).");
            }

            Status = value;
        }
    }

    string? IHttpResponseFeature.ReasonPhrase
    {
        get => ReasonPhrase;
        set
        {
            ThrowIfStarted(nameof(IHttpResponseFeature.ReasonPhrase));
            HeaderRules.ThrowIfInvalidReasonPhrase(value);
            ReasonPhrase = value;
        }
    }

    IHeaderDictionary IHttpResponseFeature.Headers { get; set; } = null!;

    /// <summary>Writing a body is an error, not merely discarded as it is for HEAD.</summary>
    internal bool ForbidsBody => !_isHead && !StatusAllowsBody;

    private bool CanHaveBody => !_isHead && StatusAllowsBody;

    private int Status { get; set; }

    private string? ReasonPhrase { get; set; }

    /// <summary>1xx, 204, 205 and 304 have no body, nor has a tunnel that was opened (RFC 9110 sections 6.4.1 and 9.3.6).</summary>
    private bool StatusAllowsBody => Status is not (204 or 205 or 304) && Status >= (_isConnect ? 300 : 200);

    /// <summary>Fires OnStarting, then writes the head into the transport's buffer; flushes nothing.</summary>
    internal ValueTask StartResponseAsync(bool applicationCompleted)
    {
        if (HasStarted)
        {
            return default;
        }

        if (_onStarting.Count > 0)
        {
            return FireThenStartAsync(applicationCompleted);
        }

        StartResponse(applicationCompleted);
        return default;
    }

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

    /// <exception cref="InvalidOperationException">The status forbids a body.</exception>
    internal void ThrowIfBodyForbidden()
    {
        if (ForbidsBody)
        {
            throw new InvalidOperationException($"Writing to the response body is invalid for responses with status code {Status}.");
        }
    }

    private void BeginResponse()
    {
        HasStarted = false;
        Status = StatusCodes.Status200OK;
        ReasonPhrase = null;
        _isRefusedForSpace = false;
        _isCut = false;
        _isClientGone = false;
        _ending = null;
        _responseHeaders.Reset();
        _writer.Begin();
        IHttpResponseFeature response = this;
        response.Headers = _responseHeaders;
#pragma warning disable CS0618 // old middleware still asks for the stream here
        response.Body = _responseStream;
#pragma warning restore CS0618
        BeginCallbacks();
    }

    private async ValueTask FireThenStartAsync(bool applicationCompleted)
    {
        await FireOnStartingAsync();
        StartResponse(applicationCompleted);
    }

    /// <summary>What the application has left is started; where it cannot be, the error answer is.</summary>
    private ValueTask StartCompletedResponseAsync()
    {
        if (_onStarting.Count > 0)
        {
            return FireThenStartCompletedAsync();
        }

        StartCompletedResponse();
        return default;
    }

    private async ValueTask FireThenStartCompletedAsync()
    {
        try
        {
            await FireOnStartingAsync();
        }
        catch (Exception exception) when (!HasStarted)
        {
            ReportApplicationError(exception);
            BecomeErrorResponse();
        }

        StartCompletedResponse();
    }

    private void StartCompletedResponse()
    {
        try
        {
            StartResponse(applicationCompleted: true);
        }
        catch (Exception exception) when (!HasStarted)
        {
            ReportApplicationError(exception);
            BecomeErrorResponse();
            StartResponse(applicationCompleted: true);
        }
    }

    private void StartResponse(bool applicationCompleted)
    {
        if (HasStarted)
        {
            return; // a callback has started it
        }

        ResponsePlan plan = ResponsePlan.Make(
            Status,
            _isHead,
            StatusAllowsBody,
            _isHttp10,
            keepAlive: KeepAlive && !_connection.StopRequested && !_expectsContinue && _badRequest is null && !_front.Restart.ClosesConnections,
            nothingWritten: applicationCompleted && !_writer.HasEarlyBytes,
            _responseHeaders);
        _writer.ThrowIfEarlyBytesDoNotFit(plan.Framing, plan.ContentLength ?? 0);
        if (plan.ContentLength is { } length && (_responseHeaders.Present & ResponseFields.ContentLength) == 0)
        {
            _responseHeaders.ContentLength = length;
        }

        KeepAlive = plan.KeepAlive;
        if (_mayContinue)
        {
            lock (_outputLock)
            {
                HasStarted = true;
                WriteHead(plan);
            }
        }
        else
        {
            HasStarted = true;
            WriteHead(plan);
        }

        _writer.Start(plan.Framing, plan.ContentLength ?? 0);
        if (!applicationCompleted && plan.Framing is ResponseBodyFraming.Chunked or ResponseBodyFraming.UntilClose && IsEventStream())
        {
            ReleaseUntakenArena();
        }
    }

    private void WriteHead(in ResponsePlan plan)
    {
        _responseHeaders.Freeze();
        ResponseFields present = _responseHeaders.Present;
        byte[] date = (present & ResponseFields.Date) != 0 ? [] : _front.Date.Line;
        var extras = new ResponseExtras(
            (present & ResponseFields.Connection) != 0 ? ConnectionField.None : plan.Connection,
            plan.Framing == ResponseBodyFraming.Chunked,
            _front.Options.AddServerHeader && (present & ResponseFields.Server) == 0,
            date,
            _connection.AltSvcLine is { Length: > 0 } altSvc && !_responseHeaders.ContainsKey(HeaderNames.AltSvc) ? altSvc : []);
        ResponseHeadWriter.Write(_connection.Output, Status, ReasonPhrase, _responseHeaders, extras);
        _responseHeaders.ShowLater(extras, date);
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

        _connection.Abort(ConnectionError.AfterStartingResponse, new Microsoft.AspNetCore.Connections.ConnectionAbortedException(
            "The response was cut short: the application failed, or wrote less than it had promised, after the response had started."));
    }

    private InvalidOperationException? ResponseShortfall() =>
        _writer.Missing > 0 || (!HasStarted && CanHaveBody && _responseHeaders.ContentLength > _writer.Written)
            ? Shortfall()
            : null;

    private InvalidOperationException Shortfall() => new(
        $"Response Content-Length mismatch: too few bytes written ({_writer.Written} of {_responseHeaders.ContentLength}).");

    private void ThrowIfStarted(string name)
    {
        if (HasStarted)
        {
            throw new InvalidOperationException($"{name} cannot be set because the response has already started.");
        }
    }
}
