using System.Diagnostics;
using Microsoft.Net.Http.Headers;
using OneShot.AspNetCore.Http1.Response;

namespace OneShot.AspNetCore.Http1;

/// <summary>The moment at which the response's head goes out.</summary>
internal abstract partial class Http1Exchange
{
    /// <summary>Fires OnStarting, then writes the head into the transport's buffer; flushes nothing.</summary>
    /// <param name="applicationCompleted">Nothing more will be written.</param>
    /// <param name="firstWrite">The bytes of the write that starts it.</param>
    internal ValueTask StartResponseAsync(bool applicationCompleted, int firstWrite = 0)
    {
        if (HasStarted)
        {
            return default;
        }

        if (_onStarting.Count > 0)
        {
            return FireThenStartAsync(applicationCompleted, firstWrite);
        }

        if (ApplicationException is not null)
        {
            return ValueTask.FromException(EndsWithError());
        }

        _writer.ThrowIfTooMany(firstWrite);
        StartResponse(applicationCompleted);
        return default;
    }

    /// <remarks>
    /// A callback that fails fails the response, also where the application goes on: what it was to set, nobody may be sure is there.
    /// </remarks>
    private async ValueTask FireThenStartAsync(bool applicationCompleted, int firstWrite)
    {
        try
        {
            await FireOnStartingAsync();
        }
        catch (Exception exception)
        {
            ReportApplicationError(exception);
            throw;
        }

        if (!HasStarted)
        {
            if (ApplicationException is not null)
            {
                throw EndsWithError();
            }

            _writer.ThrowIfTooMany(firstWrite);
            StartResponse(applicationCompleted);
        }
    }

    private ObjectDisposedException EndsWithError() =>
        new("The response ends with an error: the application has failed before it has started.", ApplicationException);

    /// <summary>What the application has left is started; where it cannot be, the error answer is.</summary>
    private async ValueTask StartCompletedResponseAsync()
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

        ClaimOutput();
        ResponsePlan plan = ResponsePlan.Make(
            Status,
            _isHead,
            _isConnect,
            StatusAllowsBody,
            _isHttp10,
            keepAlive: KeepAlive && !_connection.StopRequested && !MayLackBody && _badRequest is null && !_front.Restart.ClosesConnections,
            nothingWritten: applicationCompleted && !_writer.HasEarlyBytes,
            _responseHeaders);
        _writer.ThrowIfEarlyBytesDoNotFit(plan.Framing, plan.ContentLength ?? 0);
        if (plan.ContentLength is { } length && (_responseHeaders.Present & ResponseFields.ContentLength) == 0)
        {
            _responseHeaders.ContentLength = length;
        }

        // Asked before the head is written: whoever reads the fields after it is shown the server's too, as strings.
        bool isEventStream = !applicationCompleted && plan.Framing is (ResponseBodyFraming.Chunked or ResponseBodyFraming.UntilClose) && IsEventStream();
        KeepAlive = plan.KeepAlive;
        WriteHead(plan);
        if (isEventStream)
        {
            ReleaseUntakenArena();
        }
    }

    private void WriteHead(in ResponsePlan plan)
    {
        Debug.Assert(IsOnlyWriter || _isOutputClaimed, "nobody else writes");
        HasStarted = true;
        _responseHeaders.Freeze();
        if (IsConnectionCut)
        {
            _writer.StartDropped(plan.Framing, plan.ContentLength ?? 0);
            return;
        }

        ResponseFields present = _responseHeaders.Present;
        byte[] date = (present & ResponseFields.Date) != 0 ? [] : _front.Date.Line;
        var extras = new ResponseExtras(
            (present & ResponseFields.Connection) != 0 ? ConnectionField.None : plan.Connection,
            plan.Framing == ResponseBodyFraming.Chunked,
            _front.Options.AddServerHeader && (present & ResponseFields.Server) == 0,
            date,
            _connection.AltSvcLine is { Length: > 0 } altSvc && !_responseHeaders.ContainsKey(HeaderNames.AltSvc) ? altSvc : []);
        Span<byte> span = _writer.GetHeadSpan(ResponseHeadWriter.Measure(ReasonPhrase, _responseHeaders, extras));
        int length = ResponseHeadWriter.Write(span, Status, ReasonPhrase, _responseHeaders, extras);
        _writer.Start(length, plan.Framing, plan.ContentLength ?? 0);
        _responseHeaders.ShowLater(extras, date);
    }
}
