using System.Net;
using Microsoft.AspNetCore.Connections;

namespace OneShot.AspNetCore.Http1.Exchange;

/// <summary>Who is at the two ends of the connection. Middleware may overwrite it for one request (forwarded headers).</summary>
internal sealed class ConnectionPeers(ConnectionContext transport)
{
    private bool _isStale = true; // not yet, or no longer, what the transport says

    internal string ConnectionId
    {
        get;
        set => Overwrite(ref field, value);
    } = "";

    internal IPAddress? RemoteIpAddress
    {
        get;
        set => Overwrite(ref field, value);
    }

    internal IPAddress? LocalIpAddress
    {
        get;
        set => Overwrite(ref field, value);
    }

    internal int RemotePort
    {
        get;
        set => Overwrite(ref field, value);
    }

    internal int LocalPort
    {
        get;
        set => Overwrite(ref field, value);
    }

    internal void Begin()
    {
        if (!_isStale)
        {
            return;
        }

        ConnectionId = transport.ConnectionId;
        var remote = transport.RemoteEndPoint as IPEndPoint;
        var local = transport.LocalEndPoint as IPEndPoint;
        RemoteIpAddress = remote?.Address;
        RemotePort = remote?.Port ?? 0;
        LocalIpAddress = local?.Address;
        LocalPort = local?.Port ?? 0;
        _isStale = false;
    }

    private void Overwrite<T>(ref T field, T value)
    {
        field = value;
        _isStale = true;
    }
}
