using System.Buffers;
using System.IO.Pipelines;
using System.Net;
using System.Net.Sockets;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Connections.Features;
using Microsoft.AspNetCore.Http.Features;

namespace OneShot.Transport.Connections;

/// <summary>What Kestrel is given of a connection: the features that its own socket transport has.</summary>
internal sealed class SocketConnectionContext : ConnectionContext,
    IConnectionIdFeature, IConnectionTransportFeature, IConnectionItemsFeature, IConnectionLifetimeFeature, IConnectionEndPointFeature,
    IConnectionSocketFeature, IMemoryPoolFeature
{
    private readonly SocketConnection _connection;
    private readonly MemoryPool<byte> _memory;
    private readonly Lock _socketLock = new();
    private string? _id;
    private IDictionary<object, object?>? _items;
    private Socket? _socket;

    public SocketConnectionContext(SocketConnection connection, IDuplexPipe transport, MemoryPool<byte> memory)
    {
        _connection = connection;
        _memory = memory;
        Transport = transport;
        var features = new FeatureCollection(initialCapacity: 12);
        features.Set<IConnectionIdFeature>(this);
        features.Set<IConnectionTransportFeature>(this);
        features.Set<IConnectionItemsFeature>(this);
        features.Set<IConnectionLifetimeFeature>(this);
        features.Set<IConnectionEndPointFeature>(this);
        features.Set<IConnectionSocketFeature>(this);
        features.Set<IMemoryPoolFeature>(this);
        Features = features;
    }

    public override string ConnectionId
    {
        get => _id ??= ConnectionIds.Next();
        set => _id = value;
    }

    public override IFeatureCollection Features { get; }

    public override IDictionary<object, object?> Items
    {
        get => _items ??= new ConnectionItems();
        set => _items = value;
    }

    public override IDuplexPipe Transport { get; set; }

    public override CancellationToken ConnectionClosed { get; set; }

    public override EndPoint? LocalEndPoint { get; set; }

    public override EndPoint? RemoteEndPoint { get; set; }

    MemoryPool<byte> IMemoryPoolFeature.MemoryPool => _memory;

    /// <summary>Made for who asks, over a descriptor that stays the transport's.</summary>
    /// <remarks>For options and counters of the socket. What is read or written through it is missing in the pipes, as on any transport.</remarks>
    Socket IConnectionSocketFeature.Socket
    {
        get
        {
            lock (_socketLock)
            {
                if (_socket is null)
                {
                    ObjectDisposedException.ThrowIf(!_connection.Descriptor.TryUse(), typeof(Socket));
                    _socket = new Socket(new SafeSocketHandle(_connection.Descriptor.Number, ownsHandle: false)); // in use until it is released
                }

                return _socket;
            }
        }
    }

    public override void Abort() => Abort(new ConnectionAbortedException());

    public override void Abort(ConnectionAbortedException abortReason) => _connection.Abort(abortReason);

    public override async ValueTask DisposeAsync()
    {
        await _connection.DisposeAsync();
        await base.DisposeAsync();
    }

    /// <summary>The connection closes: a socket that was asked for must not name a descriptor that is somebody else's then.</summary>
    internal void ReleaseSocket()
    {
        lock (_socketLock)
        {
            if (_socket is { } socket)
            {
                socket.Dispose();
                _connection.Descriptor.Release();
                _socket = null;
            }
        }
    }
}
