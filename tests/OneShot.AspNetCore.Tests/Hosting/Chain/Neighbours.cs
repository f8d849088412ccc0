using System.Buffers;
using System.IO.Pipelines;
using System.Net;
using System.Text;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Http.Features;
using OneShot.AspNetCore.Tests.Http1.Transport;

namespace OneShot.AspNetCore.Tests.Hosting.Chain;

/// <summary>Connection middleware as applications write it.</summary>
internal static class Neighbours
{
    internal const byte Key = 0x55;

    internal const string Greeting = "220 ready\r\n";

    internal static ConnectionDelegate Proxy(ConnectionDelegate next) => async connection =>
    {
        if (await TakeClientAsync(connection.Transport.Input) is { } client)
        {
            connection.RemoteEndPoint = client;
        }

        await next(connection);
    };

    internal static ConnectionDelegate ProxyInOwnContext(ConnectionDelegate next) => async connection =>
    {
        IPEndPoint? client = await TakeClientAsync(connection.Transport.Input);
        await next(new OwnContext(connection, connection.Transport) { RemoteEndPoint = client ?? connection.RemoteEndPoint });
    };

    internal static ConnectionDelegate Cipher(ConnectionDelegate next) => connection =>
        next(new OwnContext(connection, Disguise(connection.Transport)));

    internal static ConnectionDelegate CipherInCopy(ConnectionDelegate next) => connection => next(new CopyContext(connection.Features)
    {
        // The order is that of Kestrel's HTTP.
        LocalEndPoint = connection.LocalEndPoint,
        ConnectionId = connection.ConnectionId,
        RemoteEndPoint = connection.RemoteEndPoint,
        ConnectionClosed = connection.ConnectionClosed,
        Transport = Disguise(connection.Transport),
    });

    internal static ConnectionDelegate CipherOnDemand(ConnectionDelegate next) => connection => next(new OnDemandContext(connection));

    private static StreamPipe Disguise(IDuplexPipe plain)
    {
        var stream = new CipherStream(plain.Input.AsStream(leaveOpen: true), plain.Output.AsStream(leaveOpen: true));
        return new StreamPipe(PipeReader.Create(stream), PipeWriter.Create(stream));
    }

    /// <summary>Greets, echoes one line, and ends.</summary>
    internal static async Task GreetAsync(ConnectionContext connection)
    {
        await connection.Transport.Output.WriteAsync(Encoding.ASCII.GetBytes(Greeting));
        ReadResult read = await connection.Transport.Input.ReadAsync();
        foreach (ReadOnlyMemory<byte> part in read.Buffer)
        {
            await connection.Transport.Output.WriteAsync(part);
        }

        connection.Transport.Input.AdvanceTo(read.Buffer.End);
    }

    /// <summary>Takes a line <c>PROXY port</c> when the bytes begin with one.</summary>
    private static async Task<IPEndPoint?> TakeClientAsync(PipeReader input)
    {
        while (true)
        {
            ReadResult read = await input.ReadAsync();
            ReadOnlySequence<byte> buffer = read.Buffer;
            string text = Encoding.Latin1.GetString(buffer);
            bool isProxy = text.StartsWith("PROXY ", StringComparison.Ordinal);
            int end = text.IndexOf("\r\n", StringComparison.Ordinal);
            if (isProxy && end >= 0)
            {
                input.AdvanceTo(buffer.GetPosition(end + 2));
                return new IPEndPoint(IPAddress.Parse("10.0.0.1"), int.Parse(text.AsSpan(6, end - 6), provider: null));
            }

            bool enough = read.IsCompleted || read.IsCanceled || (text.Length > 0 && !"PROXY ".StartsWith(text[..Math.Min(6, text.Length)], StringComparison.Ordinal));
            input.AdvanceTo(buffer.Start, enough ? buffer.Start : buffer.End);
            if (enough)
            {
                return null;
            }
        }
    }

    private sealed record StreamPipe(PipeReader Input, PipeWriter Output) : IDuplexPipe;

    private sealed class CopyContext(IFeatureCollection features) : ConnectionContext
    {
        public override string ConnectionId { get; set; } = "";

        public override IFeatureCollection Features => features;

        public override IDictionary<object, object?> Items { get; set; } = new Dictionary<object, object?>();

        public override IDuplexPipe Transport { get; set; } = null!;
    }

    private sealed class OnDemandContext(ConnectionContext inner) : SameConnection(inner)
    {
        private IDuplexPipe? _transport;

        public override IDuplexPipe Transport
        {
            get => _transport ??= Disguise(base.Transport);
            set => _transport = value;
        }
    }

    private sealed class OwnContext(ConnectionContext inner, IDuplexPipe transport) : ConnectionContext
    {
        public override string ConnectionId
        {
            get => inner.ConnectionId;
            set => inner.ConnectionId = value;
        }

        public override IFeatureCollection Features => inner.Features;

        public override IDictionary<object, object?> Items
        {
            get => inner.Items;
            set => inner.Items = value;
        }

        public override IDuplexPipe Transport { get; set; } = transport;

        public override EndPoint? LocalEndPoint
        {
            get => inner.LocalEndPoint;
            set => inner.LocalEndPoint = value;
        }

        public override EndPoint? RemoteEndPoint { get; set; } = inner.RemoteEndPoint;

        public override CancellationToken ConnectionClosed
        {
            get => inner.ConnectionClosed;
            set => inner.ConnectionClosed = value;
        }

        public override void Abort(ConnectionAbortedException abortReason) => inner.Abort(abortReason);
    }

    private sealed class CipherStream(Stream input, Stream output) : DuplexStream(input, output)
    {
        public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
        {
            int read = await base.ReadAsync(buffer, cancellationToken);
            Disguise(buffer.Span[..read]);
            return read;
        }

        public override ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
        {
            byte[] bytes = buffer.ToArray();
            Disguise(bytes);
            return base.WriteAsync(bytes, cancellationToken);
        }
    }

    internal static void Disguise(Span<byte> bytes)
    {
        foreach (ref byte value in bytes)
        {
            value ^= Key;
        }
    }
}
