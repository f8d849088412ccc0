using System.IO.Pipelines;
using System.Net;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Connections.Features;
using Microsoft.AspNetCore.Http.Features;

namespace OneShot.AspNetCore.Http1.Endpoints;

/// <summary>
/// The connection as the rest of the chain sees it where others stand between the front and Kestrel's HTTP: TLS that Kestrel adds
/// to an endpoint by itself, or a middleware of the endpoint's section. All of it works on this connection as on the one within.
/// When Kestrel's HTTP has taken it, its first read starts the front.
/// </summary>
/// <remarks>
/// A connection middleware may pass on a <see cref="ConnectionContext"/> of its own, and this is one. Kestrel's HTTP takes the
/// transport, chooses a protocol, registers with <see cref="IConnectionHeartbeatFeature"/>, and reads. When it registers, it is
/// looked at whether it has this connection, and the transport from it (<see cref="KestrelHttp.TransportOf"/>). If not, somebody has passed it
/// a connection of his own, whose bytes may be others than these: then Kestrel serves.
/// </remarks>
internal sealed class FrontedConnection : ConnectionContext, IConnectionHeartbeatFeature
{
    private readonly ConnectionContext _inner;
    private readonly IConnectionServer _server;
    private readonly IConnectionHeartbeatFeature? _heartbeat;

    private HandoverPipe? _taken; // the pipe that was asked for last

    /// <param name="inner">The connection.</param>
    /// <param name="server">Serves it.</param>
    internal FrontedConnection(ConnectionContext inner, IConnectionServer server)
    {
        _inner = inner;
        _server = server;
        _heartbeat = inner.Features.Get<IConnectionHeartbeatFeature>();
        if (_heartbeat is not null)
        {
            inner.Features.Set<IConnectionHeartbeatFeature>(this);
        }
    }

    public override string ConnectionId
    {
        get => _inner.ConnectionId;
        set => _inner.ConnectionId = value;
    }

    public override IFeatureCollection Features => _inner.Features;

    public override IDictionary<object, object?> Items
    {
        get => _inner.Items;
        set => _inner.Items = value;
    }

    public override EndPoint? LocalEndPoint
    {
        get => _inner.LocalEndPoint;
        set => _inner.LocalEndPoint = value;
    }

    public override EndPoint? RemoteEndPoint
    {
        get => _inner.RemoteEndPoint;
        set => _inner.RemoteEndPoint = value;
    }

    public override CancellationToken ConnectionClosed
    {
        get => _inner.ConnectionClosed;
        set => _inner.ConnectionClosed = value;
    }

    public override IDuplexPipe Transport
    {
        get
        {
            IDuplexPipe transport = _inner.Transport;
            if (ApplicationProtocol.IsHttp2(Features))
            {
                return transport; // all Kestrel's
            }

            if (_taken is null || !_taken.IsUntouchedOver(transport))
            {
                _taken = new HandoverPipe(transport, ServeAsync);
            }

            return _taken;
        }

        set
        {
            _taken = null;
            _inner.Transport = value is HandoverPipe pipe ? pipe.Inner : value;
        }
    }

    public override void Abort(ConnectionAbortedException abortReason) => _inner.Abort(abortReason);

    public override void Abort() => _inner.Abort();

    /// <summary>The transport belongs to Kestrel, which disposes it.</summary>
    public override ValueTask DisposeAsync() => base.DisposeAsync(); // which does nothing

    void IConnectionHeartbeatFeature.OnHeartbeat(Action<object> action, object state)
    {
        if (KestrelHttp.IsConnection(state) && !ApplicationProtocol.IsHttp2(Features))
        {
            // Kestrel's clocks are not those of a connection that the front serves: they start when it does not.
            if (KestrelHttp.TransportOf(state, this) is HandoverPipe pipe && pipe.TryAwaitRead(() => _heartbeat!.OnHeartbeat(action, state)))
            {
                return;
            }

            _server.PassedBy();
        }

        _heartbeat!.OnHeartbeat(action, state);
    }

    private ValueTask<bool> ServeAsync(IDuplexPipe pipe) => _server.TryServeAsync(this, pipe);
}
