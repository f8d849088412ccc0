using System.Diagnostics.Metrics;
using System.Net;
using System.Net.Sockets;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Server.Kestrel.Transport.Sockets;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using OneShot.Transport.Hosting;
using OneShot.Transport.Loops;

namespace OneShot.Transport.Tests.Servers;

/// <summary>The transport bound to a port, or a path, without a server on top.</summary>
internal sealed class TransportServer : IAsyncDisposable
{
    private readonly OneShotTransportFactory _factory;

    private TransportServer(OneShotTransportFactory factory, IConnectionListener listener)
    {
        _factory = factory;
        Listener = listener;
    }

    public IConnectionListener Listener { get; }

    public IReadOnlyList<EventLoop> Loops => _factory.Loops;

    public LoopThreads Threads => _factory.Threads!;

    public static async Task<TransportServer> StartAsync(
        Action<OneShotTransportOptions>? configure = null, EndPoint? endPoint = null, ILoggerFactory? loggers = null, TimeSpan? idleOfSpares = null, TimeProvider? time = null, SocketTransportOptions? sockets = null, bool sharesAlways = false)
    {
        var options = new OneShotTransportOptions { Loops = 1 };
        configure?.Invoke(options);
        var factory = new OneShotTransportFactory(Options.Create(options), Options.Create(sockets ?? new SocketTransportOptions()), loggers ?? NullLoggerFactory.Instance, new NoMeters(), time)
        {
            IdleOfSpares = idleOfSpares ?? LoopThreads.DefaultIdle,
            SharesAlways = sharesAlways,
        };
        try
        {
            return new TransportServer(factory, await factory.BindAsync(endPoint ?? new IPEndPoint(IPAddress.Loopback, 0)));
        }
        catch
        {
            factory.Dispose();
            throw;
        }
    }

    /// <summary>A client and the connection that the server has accepted for it.</summary>
    public async Task<(Socket Client, ConnectionContext Connection)> ConnectAsync()
    {
        Socket client = await ConnectClientAsync();
        return (client, await Listener.AcceptAsync().Soon() ?? throw new InvalidOperationException("It was unbound."));
    }

    public async Task<Socket> ConnectClientAsync()
    {
        EndPoint endPoint = Listener.EndPoint;
        var client = endPoint is UnixDomainSocketEndPoint
            ? new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified)
            : new Socket(endPoint.AddressFamily, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        try
        {
            await client.ConnectAsync(endPoint).Soon();
            return client;
        }
        catch
        {
            client.Dispose();
            throw;
        }
    }

    /// <summary>Ends the loops, whatever is on them.</summary>
    public void Stop() => _factory.Dispose();

    public async ValueTask DisposeAsync()
    {
        await Listener.DisposeAsync();
        Stop();
    }

    private sealed class NoMeters : IMeterFactory
    {
        public Meter Create(MeterOptions options) => new(options);

        public void Dispose()
        {
        }
    }
}
