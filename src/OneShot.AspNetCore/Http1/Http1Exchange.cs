using System.Globalization;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using OneShot.AspNetCore.Headers;
using OneShot.AspNetCore.Http1.Request;
using OneShot.AspNetCore.Http1.Response;

namespace OneShot.AspNetCore.Http1;

/// <summary>
/// One request and its response: the feature collection that the host builds its <see cref="HttpContext"/> on.
/// One instance serves a connection, exchange after exchange; <see cref="Begin"/> and <see cref="Finish"/> bound each.
/// </summary>
[System.Diagnostics.CodeAnalysis.SuppressMessage("Design", "CA1001", Justification = "The streams hold nothing of their own; they live and end with the connection.")]
internal abstract partial class Http1Exchange
{
    private readonly Http1Connection _connection;
    private readonly Http1Front _front;
    private uint _requestNumber;

    private protected Http1Exchange(Http1Connection connection, Http1Front front)
    {
        _connection = connection;
        _front = front;
        _requestHeaders = new ArenaHeaderDictionary(connection.Table, front.HeaderDecoder, front.HeaderStrings);
        _responseHeaders = new ResponseHeaderDictionary(front.Options.ResponseHeaderEncodingSelector);
        _writer = new ResponseBodyWriter(this, connection.Output);
        _responseStream = new ResponseBodyStream(_writer, this);
        _requestStream = new RequestBodyStream(this);
        _emptyBody = new EmptyBody(this, connection.Input);
        _body = _emptyBody;
        _responseRate = front.Options.Limits.MinResponseDataRate;
        _isTls = connection.Transport.Features.Get<ITlsConnectionFeature>() is not null;
    }

    /// <summary>What the application has thrown, for the host's diagnostics.</summary>
    internal Exception? ApplicationException { get; private set; }

    /// <summary>The connection may serve another request after this one.</summary>
    internal bool KeepAlive { get; private set; }

    internal ResponseHeaderDictionary ResponseHeaders => _responseHeaders;

    /// <summary>A head has been accepted; everything of it lives in the arena until <see cref="Finish"/>.</summary>
    internal void Begin(in RequestLine line, RequestTarget target, in RequestFraming framing)
    {
        _requestNumber++;
        _isActive = true;
        _isArenaTaken = false;
        _beats = 0;
        KeepAlive = framing.KeepAlive;
        ApplicationException = null;
        ClearExtras();
        _requestHeaders.Reset();

        // All of the last request's state ends here: each part begins anew, or is not named and so has none.
        BeginRequest(line, target);
        BeginBody(framing);
        BeginRates();
        BeginConnection();
        BeginLifetime();
        BeginResponse();
        BeginCallbacks();
        if (_front.Arenas.Process.Debug)
        {
            _connection.Arena.Rented!.Owner = TraceIdentifier; // what the option finds names the request
        }

        _connection.Arena.Open();
    }

    /// <summary>The exchange is over: nothing of it is reachable any more when the next one begins.</summary>
    internal void Finish()
    {
        if (!_isActive)
        {
            return;
        }

        _connection.Arena.Close();
        FinishLifetime();
        _body.End();
        FinishUpgrade();
        _isActive = false;
        _requestHeaders.Reset();
        _responseHeaders.Reset();
        _responseHeaders.Freeze();
        _writer.Close();
        _emptyBody.End();
        _body = _emptyBody;
        ClearExtras();
    }

    /// <summary>The last request on this connection, whatever else is said.</summary>
    /// <param name="errorType">What the connection's metrics call it.</param>
    internal void CloseAfterResponse(string errorType)
    {
        KeepAlive = false;
        _connection.EndsWith(errorType);
    }

    /// <summary>The application has returned: its last chance to set fields, and the check of what it promised.</summary>
    internal ValueTask ApplicationReturnedAsync()
    {
        if (!HasStarted && ApplicationException is null && _onStarting.Count > 0)
        {
            return FireThenCheckAsync();
        }

        CheckPromises();
        return default;
    }

    /// <remarks>A callback that fails is the application's failure, 500, whatever it throws: it has not found the request bad.</remarks>
    private async ValueTask FireThenCheckAsync()
    {
        try
        {
            await FireOnStartingAsync();
        }
        catch (BadHttpRequestException exception)
        {
            ReportApplicationError(exception);
        }

        CheckPromises();
    }

    private void CheckPromises()
    {
        if (_connection.IsAborted || ApplicationException is not null)
        {
            return;
        }

        if (IsRequestAborted)
        {
            // Nobody waits for what was promised. An application that has written nothing has given up because of it.
            _isClientGone = !HasStarted;
            return;
        }

        if (ResponseShortfall() is { } shortfall)
        {
            if (HasStarted)
            {
                CloseAfterResponse(ConnectionError.ResponseLength);
            }

            ReportApplicationError(shortfall);
        }
    }

    /// <summary>The application has thrown.</summary>
    internal void ApplicationFailed(Exception exception)
    {
        if (IsEndOfConnection(exception))
        {
            Http1Log.RequestAborted(_front.Logger, _connection.ConnectionId, TraceIdentifier);
            _isClientGone = true;
            return;
        }

        // Where the client has ended its request too early, it may still take the answer to that.
        _isClientGone = !HasStarted && IsRequestAborted && exception is not BadHttpRequestException;
        switch (exception)
        {
            case BadHttpRequestException bad when !ReferenceEquals(bad, ApplicationException): // else a callback has thrown it
                _badRequest = bad;
                _isFoundBad = true;
                if (!ReferenceEquals(bad, _refusal))
                {
                    RaiseBadRequest();
                }

                CloseAfterResponse(ConnectionError.Other); // where the front has refused, the refusal's own stands already
                break;
            case ArenaExhaustedException when _front.Arenas.Process.Exhaustion == ArenaExhaustion.Reject:
                _isRefusedForSpace = true;
                break;
        }

        ReportApplicationError(exception);
    }

    /// <summary>Anything may be thrown with these types; it is the connection's end that makes it its word.</summary>
    private bool IsEndOfConnection(Exception exception) => exception switch
    {
        BadHttpRequestException => false, // an IOException too, but one that has an answer
        OperationCanceledException or IOException => _connection.IsAborted || IsRequestAborted,
        _ => false,
    };

    /// <summary>
    /// A filter for what a transport throws: its own word for its end may come before its token fires, and is the client's end from
    /// then on. Never true, so that the exception goes on as it is.
    /// </summary>
    internal bool IsToldByTransport(Exception exception)
    {
        if (exception is ConnectionResetException or ConnectionAbortedException)
        {
            OnAborted();
        }

        return false;
    }

    internal void ReportApplicationError(Exception exception)
    {
        if (ReferenceEquals(exception, ApplicationException))
        {
            return; // from the write that has failed with it, which the application did not catch
        }

        ApplicationException = ApplicationException is { } earlier ? new AggregateException(earlier, exception) : exception;
        if (exception is BadHttpRequestException bad && ReferenceEquals(bad, _refusal))
        {
            return; // was logged when the body was refused, whether or not the application lets it through
        }

        if (exception is BadHttpRequestException && _isFoundBad)
        {
            Http1Log.BadRequest(_front.Logger, _connection.ConnectionId, exception.Message);
        }
        else
        {
            Http1Log.ApplicationError(_front.Logger, _connection.ConnectionId, TraceIdentifier, exception);
        }
    }

    private string MakeTraceIdentifier() => string.Create(
        CultureInfo.InvariantCulture, $"{_connection.ConnectionId}:{_requestNumber:X8}");
}
