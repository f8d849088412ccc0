using System.Diagnostics.CodeAnalysis;
using System.IO.Pipelines;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Net.Http.Headers;
using OneShot.AspNetCore.Headers;
using OneShot.AspNetCore.Http1.Request;

namespace OneShot.AspNetCore.Http1;

/// <summary>The request's body: which reader it has, its limits, the interim answer, and the way to its end.</summary>
internal abstract partial class Http1Exchange :
    IRequestBodyPipeFeature, IHttpRequestBodyDetectionFeature, IHttpMaxRequestBodySizeFeature, IHttpRequestTrailersFeature,
    IHttpBodyControlFeature, IBadRequestExceptionFeature
{
    /// <summary>How long the unread rest of a body may take to arrive after the response, as in Kestrel.</summary>
    private static readonly TimeSpan s_drainTimeout = TimeSpan.FromSeconds(5);

    private readonly RequestBodyStream _requestStream;
    private readonly EmptyBody _emptyBody;
    private ContentLengthBody? _lengthBody;
    private ChunkedBody? _chunkedBody;
    private RequestBody _body;
    private Stream? _replacedStream;
    private PipeReader? _replacedReader;
    private BadHttpRequestException? _badRequest;
    private BadHttpRequestException? _refusal;
    private long? _maxBodySize;
    private bool _expectsContinue;

    /// <summary>The body of the current request; that of an upgraded one has ended, whatever the connection's bytes are now.</summary>
    internal PipeReader BodyReader => _isUpgraded ? _emptyBody : _body;

    PipeReader IRequestBodyPipeFeature.Reader
    {
        get
        {
            // Middleware that replaces the stream (decompression, buffering) is replacing the body, not one view of it.
            Stream stream = Request.Body;
            if (ReferenceEquals(stream, _requestStream))
            {
                return BodyReader;
            }

            if (!ReferenceEquals(stream, _replacedStream))
            {
                _replacedStream = stream;
                _replacedReader = PipeReader.Create(stream, new StreamPipeReaderOptions(_connection.MemoryPool, leaveOpen: true, useZeroByteReads: true));
                OnCompleted(static reader => ((PipeReader)reader).CompleteAsync().AsTask(), _replacedReader);
            }

            return _replacedReader!;
        }
    }

    bool IHttpRequestBodyDetectionFeature.CanHaveBody => _body != _emptyBody && !_isUpgraded;

    bool IHttpBodyControlFeature.AllowSynchronousIO { get; set; }

    Exception? IBadRequestExceptionFeature.Error => _badRequest;

    bool IHttpMaxRequestBodySizeFeature.IsReadOnly => HasBodyBegun || _isUpgraded;

    long? IHttpMaxRequestBodySizeFeature.MaxRequestBodySize
    {
        get => _maxBodySize;
        set
        {
            if (_isUpgraded)
            {
                throw new InvalidOperationException("The maximum request body size cannot be modified after the request has been upgraded.");
            }

            if (HasBodyBegun)
            {
                throw new InvalidOperationException("The maximum request body size cannot be modified after the app has already started reading from the request body.");
            }

            if (value is < 0)
            {
                throw new ArgumentOutOfRangeException(nameof(value), "Value must be null or a non-negative number.");
            }

            _maxBodySize = value;
        }
    }

    bool IHttpRequestTrailersFeature.Available => TrailersAvailable;

    IHeaderDictionary IHttpRequestTrailersFeature.Trailers => _body switch
    {
        _ when !TrailersAvailable => throw new InvalidOperationException(
            "The request trailers are not available yet. They may not be available until the full request body is read."),
        ChunkedBody chunked => chunked.Trailers,
        _ => new HeaderDictionary(),
    };

    /// <summary>Of nothing, any size is allowed at any time.</summary>
    private bool HasBodyBegun => _body != _emptyBody && _body.HasBegun;

    /// <summary>The body has been read to its end, and nothing in it was refused.</summary>
    private bool TrailersAvailable => _isActive && _body.IsConsumed && _badRequest is null;

    /// <summary>The client waits to be told to send the body, and may as well leave it out: what it sends next is not known.</summary>
    private bool MayLackBody => _expectsContinue && !_front.Switches.KeepAliveAfterUnreadExpect;

    /// <summary>Brings the body to its end after the response, so that what follows it is the next request.</summary>
    internal ValueTask<bool> DrainAsync() =>
        _body.IsConsumed && !_body.IsReadPending ? new ValueTask<bool>(true) : DrainBodyAsync();

    private async ValueTask<bool> DrainBodyAsync()
    {
        if (!_body.IsReadPending && (_badRequest is not null || MayLackBody || _connection.IsAborted))
        {
            // Refused in the middle of the body, or the client was never told to send it and may never do.
            KeepAlive = false;
            return false;
        }

        if (_body.IsLeftUnadvanced)
        {
            _connection.EndsWith(ConnectionError.BodyReaderState); // Kestrel ends the connection because of it; here the body is drained as any
        }

        Timeouts.BeginBody(null); // as on Kestrel, the drain has its own time, and no rate beside it
        if (await _body.DrainAsync(s_drainTimeout, _front.Time))
        {
            return true;
        }

        CloseAfterResponse(ConnectionError.ServerTimeout);
        Http1Log.BodyNotDrained(_front.Logger, _connection.ConnectionId, TraceIdentifier);
        return false;
    }

    /// <summary>The rest of the body could not be read; the connection ends, and with it what the rest may have been.</summary>
    internal void DrainFailed(Exception exception)
    {
        if (exception is BadHttpRequestException)
        {
            return; // Refuse has said why
        }

        Http1Log.DrainFailed(_front.Logger, _connection.ConnectionId, TraceIdentifier, exception);
        if (exception is ConnectionAbortedException or not OperationCanceledException)
        {
            _connection.EndsWith(exception);
        }
    }

    /// <summary>The application has no use for the rest of the body, because of this: as on Kestrel, the response is an error.</summary>
    internal void BodyGivenUp(Exception exception)
    {
        if (!IsEndOfConnection(exception))
        {
            ReportApplicationError(exception);
        }
    }

    /// <summary>Why the body was refused, if it was.</summary>
    internal BadHttpRequestException? Refusal => _refusal;

    /// <summary>Bytes of the body have come: the client does not wait for the interim answer.</summary>
    internal void OnBodyRead() => _expectsContinue = false;

    /// <exception cref="BadHttpRequestException">413: more than the request may bring.</exception>
    internal void ThrowIfBodyTooLarge(long size)
    {
        if (size > _maxBodySize)
        {
            throw Refuse(RequestRejection.BodyTooLarge);
        }
    }

    /// <exception cref="BadHttpRequestException">400: the client has ended the connection within the body.</exception>
    [DoesNotReturn]
    internal void ThrowUnexpectedEndOfBody() => throw Refuse(RequestRejection.UnexpectedEnd);

    /// <summary>Refuses the body. Whoever asks again is refused for the same reason, and it is logged once.</summary>
    internal BadHttpRequestException Refuse(RequestRejection rejection)
    {
        if (_refusal is null)
        {
            Http1Log.RequestRefused(_front.Logger, _connection.ConnectionId, rejection);
            _front.Rejections?.Count(rejection);
            CloseAfterResponse(RequestRejections.ErrorType(rejection));
            _refusal = new BadHttpRequestException(RequestRejections.Description(rejection), RequestRejections.StatusCode(rejection));
            _badRequest = _refusal;
            RaiseBadRequest();
        }

        return _refusal;
    }

    private void BeginBody(in RequestFraming framing)
    {
        _replacedStream = null;
        _replacedReader = null;
        _badRequest = null;
        _refusal = null;
        _maxBodySize = _front.Options.Limits.MaxRequestBodySize;
        _expectsContinue = framing.ExpectContinue;
        BeginOutput(mayContinue: framing.ExpectContinue);
        ((IHttpBodyControlFeature)this).AllowSynchronousIO = _front.Options.AllowSynchronousIO;
        _isUpgradable = framing.ConnectionUpgrade;
        if (framing.HasVoidLength)
        {
            _requestHeaders["X-Content-Length"] = _requestHeaders[HeaderNames.ContentLength]; // as Kestrel shows it
            _requestHeaders.ContentLength = null;
        }

        switch (framing.Body)
        {
            case RequestBodyKind.ContentLength when framing.ContentLength > 0:
                _lengthBody ??= new ContentLengthBody(this, _connection.Input);
                _lengthBody.Begin(framing.ContentLength);
                _body = _lengthBody;
                break;
            case RequestBodyKind.Chunked:
                _chunkedBody ??= new ChunkedBody(this, _connection.Input, _front.HeaderLimits, _front.HeaderDecoder, _connection.MemoryPool);
                _chunkedBody.Begin();
                _body = _chunkedBody;
                break;
            default:
                _emptyBody.Begin();
                _body = _emptyBody;
                break;
        }
    }
}
