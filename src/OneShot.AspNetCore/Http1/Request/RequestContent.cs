using System.IO.Pipelines;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Http;
using OneShot.AspNetCore.Http1.Exchange;
using OneShot.AspNetCore.Http1.Response;
using OneShot.AspNetCore.Logging;
using OneShot.AspNetCore.Wire;
using MinDataRate = Microsoft.AspNetCore.Server.Kestrel.Core.MinDataRate;

namespace OneShot.AspNetCore.Http1.Request;

/// <summary>
/// The body of the present request: one reader for each framing, made when a connection first needs it and used request after
/// request; and the way to the body's end, behind which the next request begins.
/// </summary>
internal sealed class RequestContent
{
    /// <summary>How long the unread rest of a body may take to arrive after the response, as in Kestrel.</summary>
    private static readonly TimeSpan s_drainTimeout = TimeSpan.FromSeconds(5);

    private readonly Http1ServiceContext _service;
    private readonly Http1ConnectionContext _connection;
    private readonly ConnectionLifetime _lifetime;
    private readonly RequestFailure _failure;
    private readonly ResponseOutput _output;
    private readonly BodyContext _context;
    private readonly EmptyBody _empty;
    private ContentLengthBody? _byLength;
    private ChunkedBody? _chunked;
    private RequestBody _body;
    private MinDataRate? _rate;

    internal RequestContent(Http1ConnectionContext connection, RequestFailure failure, ResponseOutput output)
    {
        _connection = connection;
        _service = connection.Service;
        _lifetime = connection.Lifetime;
        _failure = failure;
        _output = output;
        _context = new BodyContext(_lifetime, failure, output);
        _empty = new EmptyBody(_context, connection.Input);
        _body = _empty;
    }

    /// <summary>What the application reads; behind an upgrade that is nothing, whatever the connection's bytes are now.</summary>
    internal PipeReader Reader => IsUpgraded ? _empty : _body;

    internal bool IsUpgraded { get; private set; }

    /// <summary>The request has a body that may bring bytes.</summary>
    internal bool CanHaveBody => _body != _empty && !IsUpgraded;

    /// <summary>Bytes that the client says it sends; null where it does not say.</summary>
    internal long? AnnouncedLength { get; private set; }

    /// <summary>The application waits for bytes of the body.</summary>
    internal bool IsReadPending => _body.IsReadPending;

    /// <summary>The limit can no longer be changed. Of nothing, any size is allowed at any time.</summary>
    internal bool IsLimitFixed => IsUpgraded || (_body != _empty && _body.HasBegun);

    /// <summary>How fast the body must come while the application waits for it; null is at any rate.</summary>
    internal MinDataRate? Rate
    {
        get => _rate;
        set
        {
            _rate = value;
            _lifetime.Timeouts.BeginBody(value);
        }
    }

    internal long? MaxSize
    {
        get => _context.MaxSize;
        set
        {
            if (IsUpgraded)
            {
                throw new InvalidOperationException("The maximum request body size cannot be modified after the request has been upgraded.");
            }

            if (IsLimitFixed)
            {
                throw new InvalidOperationException("The maximum request body size cannot be modified after the app has already started reading from the request body.");
            }

            if (value is < 0)
            {
                throw new ArgumentOutOfRangeException(nameof(value), "Value must be null or a non-negative number.");
            }

            _context.MaxSize = value;
        }
    }

    /// <summary>The body has been read to its end, and nothing in it was refused.</summary>
    internal bool AreTrailersAvailable => !_body.IsOver && _body.IsConsumed && _failure.BadRequest is null;

    internal IHeaderDictionary Trailers => _body switch
    {
        _ when !AreTrailersAvailable => throw new InvalidOperationException(
            "The request trailers are not available yet. They may not be available until the full request body is read."),
        ChunkedBody chunked => chunked.Trailers,
        _ => new HeaderDictionary(),
    };

    internal void Begin(in RequestFraming framing)
    {
        IsUpgraded = false;
        _context.MaxSize = _service.Options.Limits.MaxRequestBodySize;
        Rate = _service.Options.Limits.MinRequestBodyDataRate;
        AnnouncedLength = framing.Body == RequestBodyKind.ContentLength ? framing.ContentLength : null;
        switch (framing.Body)
        {
            case RequestBodyKind.ContentLength when framing.ContentLength > 0:
                _byLength ??= new ContentLengthBody(_context, _connection.Input);
                _byLength.Begin(framing.ContentLength);
                _body = _byLength;
                break;
            case RequestBodyKind.Chunked:
                _chunked ??= new ChunkedBody(_context, _connection.Input, _service.HeaderLimits, _service.HeaderDecoder, _connection.MemoryPool);
                _chunked.Begin();
                _body = _chunked;
                break;
            default:
                _empty.Begin();
                _body = _empty;
                break;
        }
    }

    /// <summary>What comes from here on is another protocol's.</summary>
    /// <returns>Its reader.</returns>
    internal PipeReader Upgrade()
    {
        IsUpgraded = true;
        Rate = null; // it may be silent for as long as it likes
        return _body = new UpgradedBody(_context, _connection.Input);
    }

    /// <summary>The application has returned: from here on only <see cref="DrainAsync"/> reads.</summary>
    internal void CloseForApplication()
    {
        _body.CloseForApplication();
        _empty.CloseForApplication(); // who has got that, and upgraded then, still has it
    }

    /// <summary>The request is over: gives back what was held for its body.</summary>
    internal void End()
    {
        _body.End();
        _empty.End();
        _body = _empty;
        IsUpgraded = false;
    }

    /// <summary>Brings the body to its end after the response, so that what follows it is the next request.</summary>
    internal ValueTask<bool> DrainAsync() =>
        _body.IsConsumed && !_body.IsReadPending ? new ValueTask<bool>(true) : DrainBodyAsync();

    private async ValueTask<bool> DrainBodyAsync()
    {
        if (!_body.IsReadPending && (_failure.BadRequest is not null || _output.MayLackBody || _lifetime.IsCut))
        {
            // Refused in the middle of the body, or the client was never told to send it and may never do.
            _lifetime.CloseAfterResponse();
            return false;
        }

        if (_body.IsLeftUnadvanced)
        {
            _lifetime.EndsWith(ConnectionError.BodyReaderState); // Kestrel ends the connection because of it; here the body is drained as any
        }

        _lifetime.Timeouts.BeginBody(null); // as on Kestrel, the drain has its own time, and no rate beside it
        try
        {
            if (await _body.DrainAsync(s_drainTimeout, _service.Time))
            {
                return true;
            }
        }
        catch (Exception exception)
        {
            DrainFailed(exception); // whatever it was, the end of the body was not reached
        }

        _lifetime.CloseAfterResponse(ConnectionError.ServerTimeout);
        Events.BodyNotDrained(_service.Logger, _lifetime.Identity.ConnectionId, _lifetime.Identity.TraceIdentifier);
        return false;
    }

    /// <summary>The rest of the body could not be read; the connection ends, and with it what the rest may have been.</summary>
    private void DrainFailed(Exception exception)
    {
        if (exception is BadHttpRequestException)
        {
            return; // the refusal has said why
        }

        Events.DrainFailed(_service.Logger, _lifetime.Identity.ConnectionId, _lifetime.Identity.TraceIdentifier, exception);
        if (exception is ConnectionAbortedException or not OperationCanceledException)
        {
            _lifetime.EndsWith(exception);
        }
    }
}
