using System.Globalization;
using System.Net;
using System.Threading.Channels;
using Microsoft.AspNetCore.Connections;

namespace OneShot.Stress.Tests.Races;

/// <summary>Listens for <see cref="Wire"/>s.</summary>
internal sealed class WireTransport : IConnectionListenerFactory, IConnectionListener
{
    private readonly Channel<ConnectionContext> _accepted = Channel.CreateUnbounded<ConnectionContext>();
    private int _connections;

    public EndPoint EndPoint { get; private set; } = new IPEndPoint(IPAddress.Loopback, 1);

    public ValueTask<IConnectionListener> BindAsync(EndPoint endpoint, CancellationToken cancellationToken = default)
    {
        EndPoint = new IPEndPoint(IPAddress.Loopback, 1);
        return new ValueTask<IConnectionListener>(this);
    }

    public async ValueTask<ConnectionContext?> AcceptAsync(CancellationToken cancellationToken = default) =>
        await _accepted.Reader.WaitToReadAsync(cancellationToken) && _accepted.Reader.TryRead(out ConnectionContext? connection) ? connection : null;

    /// <summary>Null when nobody listens any more.</summary>
    public ClientEnd? TryConnect()
    {
        var wire = new Wire(string.Create(CultureInfo.InvariantCulture, $"WIRE{Interlocked.Increment(ref _connections)}"));
        ClientEnd client = wire.Client;
        if (_accepted.Writer.TryWrite(wire))
        {
            return client;
        }

        client.Reset();
        return null;
    }

    public ValueTask UnbindAsync(CancellationToken cancellationToken = default)
    {
        _accepted.Writer.TryComplete();

        // What was never accepted is refused.
        while (_accepted.Reader.TryRead(out ConnectionContext? connection))
        {
            connection.Abort();
        }

        return default;
    }

    public ValueTask DisposeAsync() => UnbindAsync();
}
