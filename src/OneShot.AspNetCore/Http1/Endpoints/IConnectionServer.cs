using System.IO.Pipelines;
using Microsoft.AspNetCore.Connections;

namespace OneShot.AspNetCore.Http1.Endpoints;

/// <summary>Serves the connections of an endpoint that are HTTP/1.x.</summary>
internal interface IConnectionServer
{
    /// <summary>Serves the connection over the pipe to its end; false when it is Kestrel's, and nothing was taken from the pipe.</summary>
    public ValueTask<bool> TryServeAsync(ConnectionContext connection, IDuplexPipe pipe);

    /// <summary>Kestrel has been handed a connection that is not the one that was passed on.</summary>
    public void PassedBy();
}
