using System.Buffers;
using System.Globalization;
using System.IO.Pipelines;
using System.Net;
using System.Threading.Channels;
using Microsoft.AspNetCore.Connections;

namespace OneShot.Testing;

/// <summary>A transport without sockets: what the client writes is processed on the client's own thread, so tests need no clock.</summary>
public sealed class InMemoryTransport : IConnectionListenerFactory, IConnectionListener
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
    /// <param name="room">
    /// How many bytes fit between the two in either direction, whoever writes waits for the other to read; 0 is any number, so
    /// that a test that writes need never wait for a server that reads later.
    /// </param>
    /// <param name="pool">Where what the client has sent lies until the server takes it; null is the shared pool.</param>
    public (InMemoryConnectionContext Server, PipeReader Input, PipeWriter Output) Open(int room = 0, MemoryPool<byte>? pool = null)
    {
        // Inline both ways; but where one waits for the other, the client must not run within the server's own call.
        PipeScheduler client = room == 0 ? PipeScheduler.Inline : PipeScheduler.ThreadPool;
        var toServer = new Pipe(Options(reader: PipeScheduler.Inline, writer: client, pool));
        var toClient = new Pipe(Options(reader: client, writer: PipeScheduler.Inline));
        string id = string.Create(CultureInfo.InvariantCulture, $"MEM{Interlocked.Increment(ref _connections)}");
        var context = new InMemoryConnectionContext(id, EndPoint, new DuplexPipe(toServer.Reader, toClient.Writer));
        _accepted.Writer.TryWrite(context);
        return (context, toClient.Reader, toServer.Writer);

        PipeOptions Options(PipeScheduler reader, PipeScheduler writer, MemoryPool<byte>? pool = null) => new(
            pool: pool, readerScheduler: reader, writerScheduler: writer,
            pauseWriterThreshold: room, resumeWriterThreshold: room / 2, useSynchronizationContext: false);
    }

    private sealed record DuplexPipe(PipeReader Input, PipeWriter Output) : IDuplexPipe;
}
