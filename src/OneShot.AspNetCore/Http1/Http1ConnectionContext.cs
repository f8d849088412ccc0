using System.Buffers;
using System.IO.Pipelines;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Connections.Features;
using OneShot.AspNetCore.Http1.Response;
using OneShot.AspNetCore.Wire;

namespace OneShot.AspNetCore.Http1;

/// <summary>What the parts of one HTTP/1.1 connection share: the transport, the way in and out, what a head is read into. No logic.</summary>
internal sealed class Http1ConnectionContext
{
    internal Http1ConnectionContext(Http1ServiceContext service, ConnectionContext transport, IDuplexPipe pipe, ConnectionLifetime lifetime, byte[] altSvcLine)
    {
        Service = service;
        Transport = transport;
        Lifetime = lifetime;
        AltSvcLine = altSvcLine;
        MemoryPool = transport.Features.Get<IMemoryPoolFeature>()?.MemoryPool ?? MemoryPool<byte>.Shared;
        Input = pipe.Input;
        Output = new ConcurrentPipeWriter(pipe.Output, MemoryPool);
        Arena = new ConnectionArena(service.Arenas, service.OverBudget);
    }

    internal Http1ServiceContext Service { get; }

    internal ConnectionContext Transport { get; }

    internal ConnectionLifetime Lifetime { get; }

    /// <summary>What every response of this connection tells of HTTP/3; empty when there is nothing to tell.</summary>
    internal byte[] AltSvcLine { get; }

    internal MemoryPool<byte> MemoryPool { get; }

    internal PipeReader Input { get; }

    internal ConcurrentPipeWriter Output { get; }

    /// <summary>The field lines of the present request.</summary>
    internal HeaderTable Table { get; } = new();

    /// <summary>The arena of the present request: the one its head was parsed into, or, when that was released, a new one.</summary>
    internal ConnectionArena Arena { get; }
}
