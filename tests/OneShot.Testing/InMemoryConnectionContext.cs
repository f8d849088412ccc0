using System.IO.Pipelines;
using System.Net;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Http.Features;

namespace OneShot.Testing;

/// <summary>The server's end of a connection without a socket.</summary>
public sealed class InMemoryConnectionContext(string id, EndPoint local, IDuplexPipe transport) : ConnectionContext
{
    private readonly CancellationTokenSource _closed = new();

    public override string ConnectionId { get; set; } = id;

    public override IFeatureCollection Features { get; } = new FeatureCollection();

    public override IDictionary<object, object?> Items { get; set; } = new Dictionary<object, object?>();

    public override IDuplexPipe Transport { get; set; } = transport;

    public override EndPoint? LocalEndPoint { get; set; } = local;

    public override EndPoint? RemoteEndPoint { get; set; } = new IPEndPoint(IPAddress.Loopback, 40000);

    public override CancellationToken ConnectionClosed
    {
        get => _closed.Token;
        set => throw new NotSupportedException();
    }

    /// <summary>The server has cut the connection, and not merely ended it.</summary>
    public bool IsAborted { get; private set; }

    /// <summary>The server cuts the connection.</summary>
    public override void Abort(ConnectionAbortedException abortReason)
    {
        IsAborted = true;
        Close();
    }

    /// <summary>The server is done with the connection: a transport ends it then, whoever has served it.</summary>
    public override ValueTask DisposeAsync()
    {
        Close();
        return base.DisposeAsync();
    }

    /// <summary>The client will send no more, which a socket's transport takes for the end of the connection.</summary>
    public void End() => _closed.Cancel();

    /// <summary>The connection is gone, whoever has ended it. What was sent before still arrives.</summary>
    public void Close()
    {
        Transport.Input.CancelPendingRead();
        Transport.Output.CancelPendingFlush(); // whoever waits for the client to read would wait for ever
        Transport.Output.Complete();
        _closed.Cancel();
    }
}
