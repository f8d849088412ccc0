using System.IO.Pipelines;
using System.Net;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Connections.Features;
using Microsoft.AspNetCore.Hosting.Server.Abstractions;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Routing;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.Server.Kestrel.Core.Features;
using OneShot.AspNetCore.Headers;
using OneShot.AspNetCore.Http1.Exchange;
using OneShot.AspNetCore.Requests;
using OneShot.AspNetCore.Wire;

#pragma warning disable CS0618 // old middleware still asks for the response's stream at IHttpResponseFeature
#pragma warning disable CA2252 // WebTransport is a preview in the framework; that this is none of it is no preview, and Kestrel's HTTP/1.1 says so too

namespace OneShot.AspNetCore.Http1;

/// <summary>
/// What the host builds its <see cref="HttpContext"/> on: every feature interface, each a line that passes on to the part of the
/// exchange that it is about. They stand on one object because a cast finds a feature faster than any table.
/// </summary>
internal abstract partial class Http1Features :
    IHttpRequestFeature, IHttpRequestIdentifierFeature, IEndpointFeature, IRouteValuesFeature, IRequestBodyPipeFeature, IHttpRequestBodyDetectionFeature,
    IHttpMaxRequestBodySizeFeature, IHttpRequestTrailersFeature, IHttpBodyControlFeature, IBadRequestExceptionFeature, IHttpMinRequestBodyDataRateFeature,
    IHttpMinResponseDataRateFeature, IHttpResponseFeature, IHttpResponseBodyFeature, IHttpRequestLifetimeFeature, IHttpConnectionFeature,
    IPersistentStateFeature, IHttpUpgradeFeature, IHttpExtendedConnectFeature, IHttpWebTransportFeature, IRequestArenaFeature, IRequestBodySource
{
    private readonly ConnectionContext _connection;
    private readonly Http1ConnectionContext _parts;
    private RequestData _request;
    private Dictionary<object, object?>? _persistentState;
    private Stream? _replacedStream;
    private PipeReader? _replacedReader;

    private protected Http1Features(Http1ConnectionContext connection)
    {
        _parts = connection;
        _connection = connection.Transport;
        Exchange = new Http1Exchange(connection, this, this);
    }

    /// <summary>Whom it shows.</summary>
    internal Http1Exchange Exchange { get; }

    /// <summary>A head has been accepted.</summary>
    internal void Begin(in RequestLine line, RequestTarget target, in RequestFraming framing)
    {
        ClearExtras();
        _replacedStream = null;
        _replacedReader = null;
        Exchange.Begin(line, target, framing, ref _request);
        if (!ReferenceEquals(ResponseStream, Exchange.ResponseStream) || !ReferenceEquals(ResponseHeaders, Exchange.Response.Head.Headers))
        {
            ResponseHeaders = Exchange.Response.Head.Headers; // the first, or what middleware has replaced
            ResponseStream = Exchange.ResponseStream;
        }

        Exchange.Memory.Open();
    }

    /// <summary>The request is over.</summary>
    internal void Finish()
    {
        if (Exchange.Memory.IsActive)
        {
            Exchange.Finish();
            ClearExtras();
        }
    }

    /// <summary>The connection's last head was refused: of it nothing is shown but why.</summary>
    internal void HeadRefused(RequestRejection rejection, int status)
    {
        if (rejection == RequestRejection.None || !Exchange.Failure.IsHeadRefusalObserved)
        {
            return;
        }

        ClearExtras();
        _request = new RequestData
        {
            Protocol = "",
            Scheme = _request.Scheme ?? "",
            Method = "",
            PathBase = "",
            Path = "",
            Headers = new HeaderDictionary(),
            Body = Stream.Null,
        };
        Exchange.Identity.Forget();
        Exchange.Peers.Begin();
        Exchange.Failure.HeadRefused(rejection, status);
    }

    string IHttpRequestFeature.Protocol { get => _request.Protocol; set => _request.Protocol = value; }

    string IHttpRequestFeature.Scheme { get => _request.Scheme; set => _request.Scheme = value; }

    string IHttpRequestFeature.Method { get => _request.Method; set => _request.Method = value; }

    string IHttpRequestFeature.PathBase { get => _request.PathBase; set => _request.PathBase = value; }

    string IHttpRequestFeature.Path { get => _request.Path; set => _request.Path = value; }

    string IHttpRequestFeature.QueryString { get => _request.QueryString; set => _request.QueryString = value; }

    string IHttpRequestFeature.RawTarget { get => _request.RawTarget; set => _request.RawTarget = value; }

    IHeaderDictionary IHttpRequestFeature.Headers { get => _request.Headers; set => _request.Headers = value; }

    Stream IHttpRequestFeature.Body { get => _request.Body; set => _request.Body = value; }

    string IHttpRequestIdentifierFeature.TraceIdentifier { get => Exchange.Identity.TraceIdentifier; set => Exchange.Identity.TraceIdentifier = value; }

    Endpoint? IEndpointFeature.Endpoint { get => _request.Endpoint; set => _request.Endpoint = value; }

    RouteValueDictionary IRouteValuesFeature.RouteValues { get => _request.RouteValues ??= []; set => _request.RouteValues = value; }

    bool IHttpRequestBodyDetectionFeature.CanHaveBody => Exchange.Content.CanHaveBody;

    bool IHttpMaxRequestBodySizeFeature.IsReadOnly => Exchange.Content.IsLimitFixed;

    long? IHttpMaxRequestBodySizeFeature.MaxRequestBodySize { get => Exchange.Content.MaxSize; set => Exchange.Content.MaxSize = value; }

    bool IHttpRequestTrailersFeature.Available => Exchange.Content.AreTrailersAvailable;

    IHeaderDictionary IHttpRequestTrailersFeature.Trailers => Exchange.Content.Trailers;

    bool IHttpBodyControlFeature.AllowSynchronousIO { get => _request.AllowSynchronousIO; set => _request.AllowSynchronousIO = value; }

    Exception? IBadRequestExceptionFeature.Error => Exchange.Failure.BadRequest;

    MinDataRate? IHttpMinRequestBodyDataRateFeature.MinDataRate { get => Exchange.Content.Rate; set => Exchange.Content.Rate = value; }

    MinDataRate? IHttpMinResponseDataRateFeature.MinDataRate { get => Exchange.Output.Rate; set => Exchange.Output.Rate = value; }

    PipeReader IRequestBodyPipeFeature.Reader
    {
        get
        {
            // Middleware that replaces the stream (decompression, buffering) is replacing the body, not one view of it.
            Stream stream = _request.Body;
            if (ReferenceEquals(stream, Exchange.RequestStream))
            {
                return Exchange.Content.Reader;
            }

            if (!ReferenceEquals(stream, _replacedStream))
            {
                _replacedStream = stream;
                _replacedReader = PipeReader.Create(stream, new StreamPipeReaderOptions(_parts.MemoryPool, leaveOpen: true, useZeroByteReads: true));
                OnCompleted(static reader => ((PipeReader)reader).CompleteAsync().AsTask(), _replacedReader);
            }

            return _replacedReader!;
        }
    }

    public bool HasStarted => Exchange.Response.Start.HasStarted;

    int IHttpResponseFeature.StatusCode { get => Exchange.Response.Head.Status; set => Exchange.Response.Start.SetStatus(value); }

    string? IHttpResponseFeature.ReasonPhrase { get => Exchange.Response.Head.ReasonPhrase; set => Exchange.Response.Start.SetReasonPhrase(value); }

    IHeaderDictionary IHttpResponseFeature.Headers { get => ResponseHeaders; set => ResponseHeaders = value; }

    Stream IHttpResponseFeature.Body { get => ResponseStream; set => ResponseStream = value; }

    public void OnStarting(Func<object, Task> callback, object state) => Exchange.Response.Start.OnStarting(callback, state);

    public void OnCompleted(Func<object, Task> callback, object state) => Exchange.Response.End.Callbacks.Add(callback, state);

    PipeWriter IHttpResponseBodyFeature.Writer => Exchange.Response;

    /// <summary>Old middleware that sets the one means the other.</summary>
    Stream IHttpResponseBodyFeature.Stream => ResponseStream;

    Task IHttpResponseBodyFeature.StartAsync(CancellationToken cancellationToken) => Exchange.Response.Start.StartAsync(cancellationToken);

    Task IHttpResponseBodyFeature.CompleteAsync() => Exchange.Response.End.CompleteAsync();

    /// <summary>What was written before the head goes out with the first flush; nothing of this response is held back after it.</summary>
    void IHttpResponseBodyFeature.DisableBuffering()
    {
    }

    Task IHttpResponseBodyFeature.SendFileAsync(string path, long offset, long? count, CancellationToken cancellationToken) =>
        SendFileFallback.SendFileAsync(ResponseStream, path, offset, count, cancellationToken);

    CancellationToken IHttpRequestLifetimeFeature.RequestAborted { get => Exchange.Abort.Token; set => Exchange.Abort.Token = value; }

    void IHttpRequestLifetimeFeature.Abort() => Exchange.AbortByApplication();

    string IHttpConnectionFeature.ConnectionId { get => Exchange.Peers.ConnectionId; set => Exchange.Peers.ConnectionId = value; }

    IPAddress? IHttpConnectionFeature.RemoteIpAddress { get => Exchange.Peers.RemoteIpAddress; set => Exchange.Peers.RemoteIpAddress = value; }

    IPAddress? IHttpConnectionFeature.LocalIpAddress { get => Exchange.Peers.LocalIpAddress; set => Exchange.Peers.LocalIpAddress = value; }

    int IHttpConnectionFeature.RemotePort { get => Exchange.Peers.RemotePort; set => Exchange.Peers.RemotePort = value; }

    int IHttpConnectionFeature.LocalPort { get => Exchange.Peers.LocalPort; set => Exchange.Peers.LocalPort = value; }

    /// <summary>Outlives the request: one for the connection.</summary>
    IDictionary<object, object?> IPersistentStateFeature.State => _persistentState ??= [];

    bool IHttpUpgradeFeature.IsUpgradableRequest => _request.IsUpgradable;

    Task<Stream> IHttpUpgradeFeature.UpgradeAsync() => Exchange.Upgrade.UpgradeAsync(_request.IsUpgradable);

    /// <summary>Extended CONNECT is HTTP/2's (RFC 8441).</summary>
    bool IHttpExtendedConnectFeature.IsExtendedConnect => false;

    string? IHttpExtendedConnectFeature.Protocol => null;

    ValueTask<Stream> IHttpExtendedConnectFeature.AcceptAsync() =>
        throw new InvalidOperationException("Cannot accept an extended CONNECT: HTTP/1.1 has none.");

    /// <summary>WebTransport is HTTP/3's. Who looks for the feature finds it, and that this request is none.</summary>
    bool IHttpWebTransportFeature.IsWebTransportRequest => false;

    ValueTask<IWebTransportSession> IHttpWebTransportFeature.AcceptAsync(CancellationToken cancellationToken) =>
        throw new NotSupportedException("HTTP/1.1 has no WebTransport.");

    RequestArena IRequestArenaFeature.Arena => Exchange.Memory.Arena;

    HeaderSpans IRequestArenaFeature.HeaderSpans => Exchange.Memory.HeaderSpans;

    bool IRequestArenaFeature.ReleaseArena()
    {
        Exchange.Memory.Release();
        return true;
    }

    BodySlot IRequestBodySource.BodySlot => Exchange.Memory.Body;

    long? IRequestBodySource.AnnouncedLength => Exchange.Content.AnnouncedLength;

    private IHeaderDictionary ResponseHeaders { get; set; } = null!;

    private Stream ResponseStream { get; set; } = Stream.Null;
}

/// <summary>The features, with the host's context beside them, so that the host can use it again for the next request.</summary>
internal sealed class Http1Features<TContext>(Http1ConnectionContext connection) : Http1Features(connection), IHostContextContainer<TContext>
    where TContext : notnull
{
    TContext? IHostContextContainer<TContext>.HostContext { get; set; }
}
