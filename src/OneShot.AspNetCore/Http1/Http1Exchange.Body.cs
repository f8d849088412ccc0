using System.Diagnostics.CodeAnalysis;
using System.IO.Pipelines;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using OneShot.AspNetCore.Headers;
using OneShot.AspNetCore.Http1.Request;
using OneShot.AspNetCore.Http1.Response;

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
    private BadHttpRequestException? _badRequest;
    private long? _maxBodySize;
    private bool _expectsContinue;

    /// <summary>The body of the current request.</summary>
    internal PipeReader BodyReader => _body;

    PipeReader IRequestBodyPipeFeature.Reader => _body;

    bool IHttpRequestBodyDetectionFeature.CanHaveBody => _body != _emptyBody;

    bool IHttpBodyControlFeature.AllowSynchronousIO { get; set; }

    Exception? IBadRequestExceptionFeature.Error => _badRequest;

    bool IHttpMaxRequestBodySizeFeature.IsReadOnly => _body.HasBegun;

    long? IHttpMaxRequestBodySizeFeature.MaxRequestBodySize
    {
        get => _maxBodySize;
        set
        {
            if (_body.HasBegun)
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

    /// <summary>The body has been read to its end, and nothing in it was refused.</summary>
    private bool TrailersAvailable => _body.IsConsumed && _badRequest is null;

    /// <summary>Brings the body to its end after the response, so that what follows it is the next request.</summary>
    internal async ValueTask<bool> DrainAsync()
    {
        if (_body.IsConsumed && !_body.IsReadPending)
        {
            return true;
        }

        if (_badRequest is not null || _expectsContinue || _connection.IsAborted)
        {
            // Refused in the middle of the body, or the client was never told to send it and may never do.
            KeepAlive = false;
            return false;
        }

        if (await _body.DrainAsync(s_drainTimeout, _front.Time))
        {
            return true;
        }

        KeepAlive = false;
        Http1Log.BodyNotDrained(_front.Logger, _connection.ConnectionId, TraceIdentifier);
        return false;
    }

    /// <summary><c>100 Continue</c>, when the application is about to wait for a body the client is holding back (RFC 9110 section 10.1.1).</summary>
    internal async ValueTask SendContinueIfExpectedAsync()
    {
        if (_expectsContinue && !HasStarted)
        {
            _expectsContinue = false;
            ResponseHeadWriter.WriteContinue(_connection.Output);
            await _connection.Output.FlushAsync();
        }
    }

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

    internal BadHttpRequestException Refuse(RequestRejection rejection)
    {
        KeepAlive = false;
        _badRequest = new BadHttpRequestException(RequestRejections.Description(rejection), RequestRejections.StatusCode(rejection));
        return _badRequest;
    }

    private void BeginBody(in RequestFraming framing)
    {
        _badRequest = null;
        BeginRates();
        _maxBodySize = _front.Options.Limits.MaxRequestBodySize;
        _expectsContinue = framing.ExpectContinue;
        ((IHttpBodyControlFeature)this).AllowSynchronousIO = _front.Options.AllowSynchronousIO;
        _isUpgradable = framing.ConnectionUpgrade;
        switch (framing.Body)
        {
            case RequestBodyKind.ContentLength when framing.ContentLength > 0:
                _lengthBody ??= new ContentLengthBody(this, _connection.Input);
                _lengthBody.Begin(framing.ContentLength);
                _body = _lengthBody;
                break;
            case RequestBodyKind.Chunked:
                _chunkedBody ??= new ChunkedBody(this, _connection.Input, _front.HeaderLimits, _front.HeaderDecoder, _connection.MemoryPool);
                _chunkedBody.Begin(_arena!);
                _body = _chunkedBody;
                break;
            default:
                _emptyBody.Begin();
                _body = _emptyBody;
                break;
        }
    }
}
