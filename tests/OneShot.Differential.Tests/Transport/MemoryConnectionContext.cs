using System.IO.Pipelines;
using System.Net;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Http.Features;

namespace OneShot.Differential.Tests.Transport;

/// <summary>The server's end of a connection without a socket.</summary>
internal sealed class MemoryConnectionContext : ConnectionContext
{
    private readonly CancellationTokenSource _closed = new();
    private readonly ObservedReader _input;
    private readonly ServerProgress _progress;

    public MemoryConnectionContext(string id, EndPoint local, ObservedReader input, PipeWriter output, ServerProgress progress)
    {
        _input = input;
        _progress = progress;
        ConnectionId = id;
        LocalEndPoint = local;
        Transport = new DuplexPipe(input, output);
    }

    public override string ConnectionId { get; set; }

    public override IFeatureCollection Features { get; } = new FeatureCollection();

    public override IDictionary<object, object?> Items { get; set; } = new Dictionary<object, object?>();

    public override IDuplexPipe Transport { get; set; }

    public override EndPoint? LocalEndPoint { get; set; }

    public override EndPoint? RemoteEndPoint { get; set; } = new IPEndPoint(IPAddress.Loopback, 40000);

    public override CancellationToken ConnectionClosed
    {
        get => _closed.Token;
        set => throw new NotSupportedException();
    }

    internal bool IsAborted { get; private set; }

    public override void Abort(ConnectionAbortedException abortReason)
    {
        IsAborted = true;
        _input.Abort(abortReason);

        // As the socket transport does it: the token's callbacks are not the aborting thread's.
        ThreadPool.UnsafeQueueUserWorkItem(static closed => closed.Cancel(), _closed, preferLocal: false);
    }

    public override ValueTask DisposeAsync()
    {
        _progress.OnEnded();
        return base.DisposeAsync();
    }

    private sealed record DuplexPipe(PipeReader Input, PipeWriter Output) : IDuplexPipe;
}
