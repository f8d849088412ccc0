using System.Net;
using Microsoft.AspNetCore.Connections.Features;
using Microsoft.AspNetCore.Http.Features;

namespace OneShot.AspNetCore.Http1;

/// <summary>Who is at the other end. Middleware may overwrite it for one request (forwarded headers).</summary>
internal abstract partial class Http1Exchange : IHttpConnectionFeature, IPersistentStateFeature
{
    private Dictionary<object, object?>? _persistentState;
    private bool _isConnectionStale = true; // not yet, or no longer, what the transport says

    /// <summary>Outlives the request: one for the connection.</summary>
    IDictionary<object, object?> IPersistentStateFeature.State => _persistentState ??= [];

    string IHttpConnectionFeature.ConnectionId
    {
        get;
        set
        {
            field = value;
            _isConnectionStale = true;
        }
    } = "";

    IPAddress? IHttpConnectionFeature.RemoteIpAddress
    {
        get;
        set
        {
            field = value;
            _isConnectionStale = true;
        }
    }

    IPAddress? IHttpConnectionFeature.LocalIpAddress
    {
        get;
        set
        {
            field = value;
            _isConnectionStale = true;
        }
    }

    int IHttpConnectionFeature.RemotePort
    {
        get;
        set
        {
            field = value;
            _isConnectionStale = true;
        }
    }

    int IHttpConnectionFeature.LocalPort
    {
        get;
        set
        {
            field = value;
            _isConnectionStale = true;
        }
    }

    private void BeginConnection()
    {
        if (!_isConnectionStale)
        {
            return;
        }

        IHttpConnectionFeature feature = this;
        feature.ConnectionId = _connection.ConnectionId;
        var remote = _connection.Transport.RemoteEndPoint as IPEndPoint;
        var local = _connection.Transport.LocalEndPoint as IPEndPoint;
        feature.RemoteIpAddress = remote?.Address;
        feature.RemotePort = remote?.Port ?? 0;
        feature.LocalIpAddress = local?.Address;
        feature.LocalPort = local?.Port ?? 0;
        _isConnectionStale = false;
    }
}
