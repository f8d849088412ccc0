using System.Globalization;
using System.IO.Pipelines;
using System.Net;
using System.Threading.Channels;
using Microsoft.AspNetCore.Connections;

namespace OneShot.AspNetCore.Tests.Http1.Transport;

/// <summary>A transport without sockets: what the client writes is processed on the client's own thread, so tests need no clock.</summary>
internal sealed class InMemoryTransport : IConnectionListenerFactory, IConnectionListener
{
    private readonly Channel<ConnectionContext> _accepted = Channel.CreateUnbounded<ConnectionContext>(
        new UnboundedChannelOptions { AllowSynchronousContinuations = true });

    private int _connections;

    public EndPoint EndPoint { get; private set; } = new IPEndPoint(IPAddress.Loopback, 0);

    public ValueTask<IConnectionListener> BindAsync(EndPoint endpoint, CancellationToken cancellationToken = default)
    {
        EndPoint = endpoint;
        return new ValueTask<IConnectionListener>(this);
    }

    public async ValueTask<ConnectionContext?> AcceptAsync(CancellationToken cancellationToken = default) =>
        await _accepted.Reader.WaitToReadAsync(cancellationToken) && _accepted.Reader.TryRead(out ConnectionContext? connection)
            ? connection
            : null;

    public ValueTask UnbindAsync(CancellationToken cancellationToken = default)
    {
        _accepted.Writer.TryComplete();
        return default;
    }

    public ValueTask DisposeAsync() => UnbindAsync();

    /// <summary>Opens a connection to the server; what comes back are the client's ends of it.</summary>
    internal (InMemoryConnectionContext Server, PipeReader Input, PipeWriter Output) Open()
    {
        // Inline both ways, and no back pressure: a test that writes must never wait for a server that reads later.
        var options = new PipeOptions(
            readerScheduler: PipeScheduler.Inline, writerScheduler: PipeScheduler.Inline,
            pauseWriterThreshold: 0, useSynchronizationContext: false);
        var toServer = new Pipe(options);
        var toClient = new Pipe(options);
        string id = string.Create(CultureInfo.InvariantCulture, $"MEM{Interlocked.Increment(ref _connections)}");
        var context = new InMemoryConnectionContext(id, EndPoint, new DuplexPipe(toServer.Reader, toClient.Writer));
        _accepted.Writer.TryWrite(context);
        return (context, toClient.Reader, toServer.Writer);
    }

    private sealed record DuplexPipe(PipeReader Input, PipeWriter Output) : IDuplexPipe;
}
