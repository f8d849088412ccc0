using System.Collections.Concurrent;
using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Net;
using System.Threading.Channels;
using Microsoft.AspNetCore.Connections;

namespace OneShot.Differential.Tests.Transport;

/// <summary>A transport without sockets, beside the one with: Kestrel picks it for every <see cref="MemoryEndPoint"/>.</summary>
internal sealed class MemoryTransport : IConnectionListenerFactory, IConnectionListenerFactorySelector
{
    private readonly ConcurrentDictionary<EndPoint, Listener> _listeners = new();
    private int _connections;

    public bool CanBind(EndPoint endpoint) => endpoint is MemoryEndPoint;

    public ValueTask<IConnectionListener> BindAsync(EndPoint endpoint, CancellationToken cancellationToken = default)
    {
        var listener = new Listener(endpoint);
        _listeners[endpoint] = listener;
        return new ValueTask<IConnectionListener>(listener);
    }

    /// <summary>Opens a connection to the server that listens there.</summary>
    internal MemoryConnection Connect(MemoryEndPoint endPoint)
    {
        string id = string.Create(CultureInfo.InvariantCulture, $"{endPoint}{Interlocked.Increment(ref _connections)}");
        var connection = new MemoryConnection(id, endPoint);
        _listeners[endPoint].Accept(connection.Server);
        return connection;
    }

    private sealed class Listener(EndPoint endPoint) : IConnectionListener
    {
        private readonly Channel<ConnectionContext> _accepted = Channel.CreateUnbounded<ConnectionContext>();

        public EndPoint EndPoint => endPoint;

        public async ValueTask<ConnectionContext?> AcceptAsync(CancellationToken cancellationToken = default) =>
            await _accepted.Reader.WaitToReadAsync(cancellationToken) && _accepted.Reader.TryRead(out ConnectionContext? connection)
                ? connection
                : null;

        public ValueTask UnbindAsync(CancellationToken cancellationToken = default)
        {
            _accepted.Writer.TryComplete();
            return default;
        }

        [SuppressMessage("Usage", "CA1816", Justification = "Sealed, and without a finalizer.")]
        public ValueTask DisposeAsync() => UnbindAsync();

        internal void Accept(ConnectionContext connection) => _accepted.Writer.TryWrite(connection);
    }
}
