using System.IO.Pipelines;
using System.Net;
using System.Net.Security;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core.Features;

namespace OneShot.AspNetCore.Http1.Tls;

/// <summary>
/// The connection as Kestrel's TLS and HTTP see it when the front stands before them, as it does in the endpoint defaults.
/// TLS puts the decrypted pipe into <see cref="Transport"/>; unless the client has chosen HTTP/2, that pipe is kept for the
/// front, and the next in line finds one whose first read runs the front and then is the end of the input.
/// </summary>
/// <remarks>
/// Nothing but public API: a connection middleware may pass on a <see cref="ConnectionContext"/> of its own. What it relies
/// on is that TLS replaces the transport before it calls on, and that HTTP/1.1 begins with a read; tests hold both.
/// </remarks>
internal sealed class TlsHandover(ConnectionContext inner, Func<ConnectionContext, IDuplexPipe, Task> front) : ConnectionContext
{
    private IDuplexPipe _transport = inner.Transport;
    private bool _isDecrypted;

    public override string ConnectionId
    {
        get => inner.ConnectionId;
        set => inner.ConnectionId = value;
    }

    public override IFeatureCollection Features => inner.Features;

    public override IDictionary<object, object?> Items
    {
        get => inner.Items;
        set => inner.Items = value;
    }

    public override EndPoint? LocalEndPoint
    {
        get => inner.LocalEndPoint;
        set => inner.LocalEndPoint = value;
    }

    public override EndPoint? RemoteEndPoint
    {
        get => inner.RemoteEndPoint;
        set => inner.RemoteEndPoint = value;
    }

    public override CancellationToken ConnectionClosed
    {
        get => inner.ConnectionClosed;
        set => inner.ConnectionClosed = value;
    }

    public override IDuplexPipe Transport
    {
        get => _transport;
        set
        {
            bool first = !_isDecrypted;
            _isDecrypted = true;
            _transport = first && Features.Get<ISslStreamFeature>()?.SslStream.NegotiatedApplicationProtocol != SslApplicationProtocol.Http2
                ? new HandoverPipe(() => front(this, value))
                : value;
        }
    }

    public override void Abort(ConnectionAbortedException abortReason) => inner.Abort(abortReason);

    public override void Abort() => inner.Abort();

    /// <summary>The transport belongs to Kestrel, which disposes it.</summary>
    public override ValueTask DisposeAsync() => base.DisposeAsync(); // which does nothing
}
