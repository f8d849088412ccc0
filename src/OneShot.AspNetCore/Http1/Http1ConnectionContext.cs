using System.Buffers;
using System.IO.Pipelines;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Connections.Features;
using OneShot.AspNetCore.Headers;
using OneShot.AspNetCore.Http1.Response;

namespace OneShot.AspNetCore.Http1;

/// <summary>What the parts of one HTTP/1.1 connection share: the transport, the way in and out, what a head is read into. No logic.</summary>
internal sealed class Http1ConnectionContext(Http1ServiceContext service, ConnectionContext transport, IDuplexPipe pipe, ConnectionLifetime lifetime, byte[] altSvcLine)
{
    internal Http1ServiceContext Service => service;

    internal ConnectionContext Transport => transport;

    internal ConnectionLifetime Lifetime => lifetime;

    internal PipeReader Input { get; } = pipe.Input;

    internal ConcurrentPipeWriter Output { get; } = new(pipe.Output, PoolOf(transport));

    internal MemoryPool<byte> MemoryPool { get; } = PoolOf(transport);

    /// <summary>The field lines of the present request.</summary>
    internal HeaderTable Table { get; } = new();

    /// <summary>The arena of the present request: the one its head was parsed into, or, when that was released, a new one.</summary>
    internal ConnectionArena Arena { get; } = new(service.Arenas);

    /// <summary>What every response of this connection tells of HTTP/3; empty when there is nothing to tell.</summary>
    internal byte[] AltSvcLine => altSvcLine;

    private static MemoryPool<byte> PoolOf(ConnectionContext transport) =>
        transport.Features.Get<IMemoryPoolFeature>()?.MemoryPool ?? MemoryPool<byte>.Shared;
}
