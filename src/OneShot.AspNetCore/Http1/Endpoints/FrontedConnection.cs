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
/// Nothing but public API: a connection middleware may pass on a <see cref="ConnectionContext"/> of its own. Kestrel's HTTP takes
/// the transport, chooses a protocol, registers with <see cref="IConnectionHeartbeatFeature"/>, and reads, in this order and
/// without asking the connection anything in between; that is how it is told from a handler of the application's. Should a
/// later Kestrel do otherwise, it serves the connection itself, and tests fail.
/// </remarks>
internal sealed class FrontedConnection : ConnectionContext, IConnectionHeartbeatFeature
{
    private readonly ConnectionContext _inner;
    private readonly Func<ConnectionContext, IDuplexPipe, ValueTask<bool>> _serve;
    private readonly IConnectionHeartbeatFeature? _heartbeat;

    /// <summary>The pipe that was asked for last, as long as nothing else was asked since.</summary>
    private HandoverPipe? _taken;

    /// <param name="inner">The connection.</param>
    /// <param name="serve">Serves the connection over a pipe to its end; false when it is for Kestrel to serve, and nothing was read.</param>
    internal FrontedConnection(ConnectionContext inner, Func<ConnectionContext, IDuplexPipe, ValueTask<bool>> serve)
    {
        _inner = inner;
        _serve = serve;
        _heartbeat = inner.Features.Get<IConnectionHeartbeatFeature>();
        if (_heartbeat is not null)
        {
            inner.Features.Set<IConnectionHeartbeatFeature>(this);
        }
    }

    public override string ConnectionId
    {
        get
        {
            _taken = null;
            return _inner.ConnectionId;
        }

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
        get
        {
            _taken = null;
            return _inner.LocalEndPoint;
        }

        set => _inner.LocalEndPoint = value;
    }

    public override EndPoint? RemoteEndPoint
    {
        get
        {
            _taken = null;
            return _inner.RemoteEndPoint;
        }

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
                _taken = new HandoverPipe(transport, this);
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
        // Kestrel's clocks are not those of a connection that the front serves: they start when it does not.
        if (_taken is { } pipe && KestrelHttp.IsConnection(state) && pipe.TryAwaitRead(() => _heartbeat!.OnHeartbeat(action, state)))
        {
            return;
        }

        _heartbeat!.OnHeartbeat(action, state);
    }

    internal ValueTask<bool> ServeAsync(IDuplexPipe pipe) => _serve(this, pipe);
}
