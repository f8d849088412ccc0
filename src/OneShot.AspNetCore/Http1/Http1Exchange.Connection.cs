using System.Net;
using Microsoft.AspNetCore.Connections.Features;
using Microsoft.AspNetCore.Http.Features;

namespace OneShot.AspNetCore.Http1;

/// <summary>Who is at the other end. Middleware may overwrite it for one request (forwarded headers).</summary>
internal abstract partial class Http1Exchange : IHttpConnectionFeature, IPersistentStateFeature
{
    private Dictionary<object, object?>? _persistentState;

    /// <summary>Outlives the request: one for the connection.</summary>
    IDictionary<object, object?> IPersistentStateFeature.State => _persistentState ??= [];

    string IHttpConnectionFeature.ConnectionId { get; set; } = "";

    IPAddress? IHttpConnectionFeature.RemoteIpAddress { get; set; }

    IPAddress? IHttpConnectionFeature.LocalIpAddress { get; set; }

    int IHttpConnectionFeature.RemotePort { get; set; }

    int IHttpConnectionFeature.LocalPort { get; set; }

    private void BeginConnection()
    {
        IHttpConnectionFeature feature = this;
        feature.ConnectionId = _connection.ConnectionId;
        var remote = _connection.Transport.RemoteEndPoint as IPEndPoint;
        var local = _connection.Transport.LocalEndPoint as IPEndPoint;
        feature.RemoteIpAddress = remote?.Address;
        feature.RemotePort = remote?.Port ?? 0;
        feature.LocalIpAddress = local?.Address;
        feature.LocalPort = local?.Port ?? 0;
    }
}
