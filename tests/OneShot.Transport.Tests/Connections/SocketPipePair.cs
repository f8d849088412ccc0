using System.IO.Pipelines;
using System.Net.Sockets;
using Microsoft.AspNetCore.Connections;
using Microsoft.Extensions.Logging;
using OneShot.Transport.Tests.Servers;

namespace OneShot.Transport.Tests.Connections;

/// <summary>A connection of the transport over loopback.</summary>
internal sealed class SocketPipePair : PipePair
{
    private readonly TransportServer _server;
    private readonly Socket _client;
    private readonly ConnectionContext _connection;

    private SocketPipePair(TransportServer server, Socket client, ConnectionContext connection)
    {
        _server = server;
        _client = client;
        _connection = connection;
    }

    public override PipeReader Reader => _connection.Transport.Input;

    public override PipeWriter Writer => _connection.Transport.Output;

    public ConnectionContext Connection => _connection;

    public TransportServer Server => _server;

    public static async Task<SocketPipePair> CreateAsync(Action<OneShotTransportOptions>? configure = null, ILoggerFactory? loggers = null)
    {
        TransportServer server = await TransportServer.StartAsync(configure, loggers: loggers);
        (Socket client, ConnectionContext connection) = await server.ConnectAsync();
        return new SocketPipePair(server, client, connection);
    }

    public override async Task SendAsync(ReadOnlyMemory<byte> bytes)
    {
        while (!bytes.IsEmpty)
        {
            bytes = bytes[await _client.SendAsync(bytes)..];
        }
    }

    public override void EndSending() => _client.Shutdown(SocketShutdown.Send);

    public override void Reset()
    {
        _client.LingerState = new LingerOption(enable: true, seconds: 0);
        _client.Dispose();
    }

    public override async Task<byte[]> ReceiveAsync(int count)
    {
        byte[] bytes = new byte[count];
        int received = 0;
        while (received < count)
        {
            try
            {
                int read = await _client.ReceiveAsync(bytes.AsMemory(received)).Soon();
                if (read == 0)
                {
                    return bytes[..received];
                }

                received += read;
            }
            catch (SocketException exception)
            {
                throw new IOException("broken off", exception);
            }
        }

        return bytes;
    }

    /// <summary>On this thread, without the thread pool.</summary>
    /// <exception cref="TimeoutException">Nothing has come for so long.</exception>
    public byte[] Receive(int count, TimeSpan timeout)
    {
        byte[] bytes = new byte[count];
        int received = 0;
        while (received < count && _client.ReceiveUnaided(bytes.AsSpan(received), timeout) is > 0 and var read)
        {
            received += read;
        }

        return bytes[..received];
    }

    public override async ValueTask DisposeAsync()
    {
        _client.Dispose();
        _connection.Abort();
        await _connection.DisposeAsync().Soon();
        await _server.DisposeAsync();
    }
}
