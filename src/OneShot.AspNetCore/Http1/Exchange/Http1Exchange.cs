using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Net.Http.Headers;
using OneShot.AspNetCore.Headers;
using OneShot.AspNetCore.Http1.Request;
using OneShot.AspNetCore.Http1.Response;
using OneShot.AspNetCore.Wire;

namespace OneShot.AspNetCore.Http1.Exchange;

/// <summary>
/// One request and its response: the parts, made once a connection, and the two moments that bound each use of them,
/// <see cref="Begin"/> and <see cref="Finish"/>.
/// </summary>
[System.Diagnostics.CodeAnalysis.SuppressMessage("Design", "CA1001", Justification = "The streams hold nothing of their own; they live and end with the connection.")]
internal sealed class Http1Exchange
{
    /// <summary>Heartbeats after which a request that waits for its body is a long one: a second at least, two at most.</summary>
    private const int BeatsOfLongRequest = 2;

    private readonly Http1ConnectionContext _connection;
    private readonly Http1ServiceContext _service;
    private readonly bool _isTls;
    private readonly ArenaHeaderDictionary _requestHeaders;
    private int _beats;

    /// <param name="connection">The connection.</param>
    /// <param name="features">The collection that shows this exchange.</param>
    /// <param name="control">Of that collection.</param>
    internal Http1Exchange(Http1ConnectionContext connection, IFeatureCollection features, IHttpBodyControlFeature control)
    {
        _connection = connection;
        _service = connection.Service;
        _isTls = connection.Transport.Features.Get<ITlsConnectionFeature>() is not null;
        _requestHeaders = new ArenaHeaderDictionary(connection.Table, _service.HeaderDecoder, _service.HeaderStrings);
        var lifecycle = new ResponseLifecycle();
        Failure = new RequestFailure(_service, connection.Lifetime, lifecycle, features);
        Output = new ResponseOutput(_service, connection.Lifetime, lifecycle, connection.Output);
        Memory = new RequestMemory(connection.Arena, connection.Table);
        Content = new RequestContent(connection, Failure, Output);
        Response = new Http1Response(connection, Failure, lifecycle, Output, Memory);
        Upgrade = new RequestUpgrade(connection, Response, Output, Content, Memory, control);
        Peers = new ConnectionPeers(connection.Transport);
        RequestStream = new RequestBodyStream(Content, control);
        ResponseStream = new ResponseBodyStream(Response, control);
    }

    internal RequestFailure Failure { get; }

    internal ResponseOutput Output { get; }

    internal RequestMemory Memory { get; }

    internal RequestContent Content { get; }

    internal Http1Response Response { get; }

    internal RequestUpgrade Upgrade { get; }

    internal ConnectionPeers Peers { get; }

    internal RequestIdentity Identity => _connection.Lifetime.Identity;

    internal RequestAbort Abort => _connection.Lifetime.RequestAbort;

    internal Stream RequestStream { get; }

    internal Stream ResponseStream { get; }

    /// <summary>How fast the client must take what is left of the last response: at the request's own rate; behind an upgrade, at the server's.</summary>
    internal MinDataRate? LastRate => Content.IsUpgraded ? _service.Options.Limits.MinResponseDataRate : Output.Rate;

    /// <summary>Responses whose flush was deferred wait only for an application that does nothing but answer, which is what GET and HEAD are for.</summary>
    /// <remarks>Anything else may read a body, and its client may send that only when it has the other answers.</remarks>
    internal bool MustFlushDeferredFirst =>
        Output.FollowsDeferred && (Response.Head.Request & (RequestTraits.IsSafe | RequestTraits.HasBody)) != RequestTraits.IsSafe;

    /// <summary>Cuts the connection, as the application wants it.</summary>
    internal void AbortByApplication() => _connection.Lifetime.Abort(ConnectionError.AbortedByApplication, BodyContext.Aborted());

    /// <summary>A head has been accepted; everything of it lives in the arena until <see cref="Finish"/>.</summary>
    internal void Begin(in RequestLine line, RequestTarget target, in RequestFraming framing, ref RequestData request)
    {
        _beats = 0;
        Identity.Next();
        _requestHeaders.Reset();
        if (framing.HasVoidLength)
        {
            _requestHeaders["X-Content-Length"] = _requestHeaders[HeaderNames.ContentLength]; // as Kestrel shows it
            _requestHeaders.ContentLength = null;
        }

        bool isHttp10 = line.Version == HttpVersion.Http10;
        request.Begin(
            protocol: isHttp10 ? HttpProtocol.Http10 : HttpProtocol.Http11,
            scheme: _isTls ? "https" : "http",
            method: MethodNames.ToName(line.Method, line.MethodOf(_connection.Table.Head)),
            target,
            _requestHeaders,
            RequestStream,
            _service.Options.AllowSynchronousIO,
            isUpgradable: framing.ConnectionUpgrade);
        Failure.Begin();
        Content.Begin(framing);
        Output.Begin(framing.ExpectContinue);
        Peers.Begin();
        Abort.Begin();
        Response.Begin(
            (line.Method == HttpMethodId.Head ? RequestTraits.IsHead : RequestTraits.None)
            | (line.Method is HttpMethodId.Get or HttpMethodId.Head ? RequestTraits.IsSafe : RequestTraits.None)
            | (line.Method == HttpMethodId.Connect ? RequestTraits.IsConnect : RequestTraits.None)
            | (isHttp10 ? RequestTraits.IsHttp10 : RequestTraits.None)
            | (Content.CanHaveBody ? RequestTraits.HasBody : RequestTraits.None));
        if (_service.Arenas.Process.Debug)
        {
            _connection.Arena.Rented!.Owner = Identity.TraceIdentifier; // what the option finds names the request
        }

        Memory.Begin();
    }

    /// <summary>The exchange is over: nothing of it is reachable any more when the next one begins.</summary>
    internal void Finish()
    {
        Memory.Close();
        Abort.Retire();
        Upgrade.End();
        Content.End();
        Memory.End();
        _requestHeaders.Reset();
        Response.Finish();
    }

    /// <summary>The application has returned, and never waited.</summary>
    /// <returns>Whether that was all: nothing has gone wrong, and the response is complete.</returns>
    internal bool TryEndAtOnce()
    {
        if (Response.Start.Callbacks.Count > 0)
        {
            return false; // they may write
        }

        CloseForApplication(); // only then it is certain that nothing comes in between
        return Response.End.TryEndAtOnce();
    }

    /// <summary>The application has returned, or thrown: the response ends, unless the application has ended it.</summary>
    internal ValueTask EndResponseAsync()
    {
        CloseForApplication();
        return Response.End.EndAsync();
    }

    /// <summary>
    /// The heartbeat: a generation of memory must not wait for a client that takes its time. The arena goes back a while
    /// after; the application may look at a header span while its body is being read.
    /// </summary>
    internal void Tick()
    {
        if (Memory.IsActive && ++_beats >= BeatsOfLongRequest && _service.Arenas.Process.Policy.LongRequestsHoldOthers && Content.IsReadPending)
        {
            Memory.ReleaseUntaken(atOnce: false);
        }
    }

    /// <summary>The application has returned: what it still holds of body and response refuses.</summary>
    private void CloseForApplication()
    {
        Content.CloseForApplication();
        Response.CloseForApplication();
    }
}
