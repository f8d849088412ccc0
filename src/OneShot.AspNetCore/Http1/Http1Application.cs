using System.IO.Pipelines;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Hosting.Server;

namespace OneShot.AspNetCore.Http1;

/// <summary>The host's application, with its context type folded away: what an endpoint needs to know of it.</summary>
internal abstract class Http1Application
{
    /// <summary>The type of the host's context.</summary>
    internal abstract Type ContextType { get; }

    /// <summary>Serves an HTTP/1.x connection until it ends. Never throws.</summary>
    /// <param name="connection">The connection.</param>
    /// <param name="pipe">Its bytes.</param>
    /// <param name="lifetime">Has begun with the connection.</param>
    /// <param name="altSvcLine">What every response tells of HTTP/3.</param>
    internal abstract Task ServeAsync(ConnectionContext connection, IDuplexPipe pipe, ConnectionLifetime lifetime, byte[] altSvcLine);
}

/// <inheritdoc />
internal sealed class Http1Application<TContext>(IHttpApplication<TContext> application, Http1ServiceContext service) : Http1Application
    where TContext : notnull
{
    internal override Type ContextType => typeof(TContext);

    internal override Task ServeAsync(ConnectionContext connection, IDuplexPipe pipe, ConnectionLifetime lifetime, byte[] altSvcLine) =>
        new Http1Connection(new Http1ConnectionContext(service, connection, pipe, lifetime, altSvcLine)).RunAsync(application);
}
