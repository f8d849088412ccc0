using System.IO.Pipelines;
using System.Net;
using System.Threading.Channels;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Http.Features;

namespace OneShot.Stress.Tests.Races;

/// <summary>
/// The server's end of a connection that behaves as Kestrel's sockets do, without one: a loop each way on the thread pool, small
/// buffers, an end that comes from either side at any time.
/// </summary>
internal sealed class Wire : ConnectionContext
{
    private static readonly PipeOptions s_small = new(pauseWriterThreshold: 2048, resumeWriterThreshold: 1024, useSynchronizationContext: false);

    private readonly Pipe _input = new(s_small);
    private readonly Pipe _output = new(s_small);
    private readonly Channel<byte[]> _toServer = Channel.CreateUnbounded<byte[]>();
    private readonly Channel<byte[]> _toClient = Channel.CreateBounded<byte[]>(2);
    private readonly CancellationTokenSource _closed = new();
    private readonly CancellationTokenSource _cut = new();
    private readonly Task _receiving;
    private readonly Task _sending;
    private int _isCut;

    public Wire(string id)
    {
        ConnectionId = id;
        Transport = new DuplexPipe(_input.Reader, _output.Writer);
        _cut.Token.UnsafeRegister(static pipe => ((Pipe)pipe!).Writer.CancelPendingFlush(), _input);
        _cut.Token.UnsafeRegister(static pipe => ((Pipe)pipe!).Reader.CancelPendingRead(), _output);
        _receiving = Task.Run(ReceiveAsync);
        _sending = Task.Run(SendAsync);
    }

    public override string ConnectionId { get; set; }

    public override IFeatureCollection Features { get; } = new FeatureCollection();

    public override IDictionary<object, object?> Items { get; set; } = new Dictionary<object, object?>();

    public override IDuplexPipe Transport { get; set; }

    public override EndPoint? LocalEndPoint { get; set; } = new IPEndPoint(IPAddress.Loopback, 1);

    public override EndPoint? RemoteEndPoint { get; set; } = new IPEndPoint(IPAddress.Loopback, 2);

    public override CancellationToken ConnectionClosed
    {
        get => _closed.Token;
        set => throw new NotSupportedException();
    }

    public ClientEnd Client => new End(this);

    public override void Abort(ConnectionAbortedException abortReason) => Cut();

    public override async ValueTask DisposeAsync()
    {
        await Transport.Input.CompleteAsync();
        await Transport.Output.CompleteAsync();
        await Task.WhenAll(_receiving, _sending);
        await base.DisposeAsync();
    }

    private void Cut()
    {
        if (Interlocked.Exchange(ref _isCut, 1) == 0)
        {
            ThreadPool.UnsafeQueueUserWorkItem(static cut => cut.Cancel(), _cut, preferLocal: false);
        }
    }

    private async Task ReceiveAsync()
    {
        Exception? error = null;
        try
        {
            await foreach (byte[] bytes in _toServer.Reader.ReadAllAsync(_cut.Token))
            {
                FlushResult flush = await _input.Writer.WriteAsync(bytes);
                if (flush.IsCompleted || flush.IsCanceled)
                {
                    break;
                }
            }
        }
        catch (OperationCanceledException)
        {
            error = new ConnectionAbortedException();
        }
        catch (ConnectionResetException reset)
        {
            error = reset;
        }

        await _input.Writer.CompleteAsync(error);
        ThreadPool.UnsafeQueueUserWorkItem(static closed => closed.Cancel(), _closed, preferLocal: false);
    }

    private async Task SendAsync()
    {
        Exception? error = null;
        try
        {
            while (true)
            {
                ReadResult read = await _output.Reader.ReadAsync();
                if (read.IsCanceled)
                {
                    break;
                }

                foreach (ReadOnlyMemory<byte> segment in read.Buffer)
                {
                    await _toClient.Writer.WriteAsync(segment.ToArray(), _cut.Token);
                }

                _output.Reader.AdvanceTo(read.Buffer.End);
                if (read.IsCompleted)
                {
                    break;
                }
            }
        }
        catch (OperationCanceledException)
        {
            error = new ConnectionAbortedException();
        }

        await _output.Reader.CompleteAsync(error);
        _toClient.Writer.TryComplete();
        Cut(); // a socket shuts both ways down then
    }

    private sealed record DuplexPipe(PipeReader Input, PipeWriter Output) : IDuplexPipe;

    private sealed class End(Wire wire) : ClientEnd
    {
        public override ValueTask SendAsync(byte[] bytes)
        {
            wire._toServer.Writer.TryWrite(bytes);
            return default;
        }

        public override void Finish() => wire._toServer.Writer.TryComplete();

        public override void Reset()
        {
            wire._toServer.Writer.TryComplete(new ConnectionResetException("The client has reset the connection."));
            wire.Cut();
        }

        public override async ValueTask<byte[]> ReceiveAsync() =>
            await wire._toClient.Reader.WaitToReadAsync() && wire._toClient.Reader.TryRead(out byte[]? bytes) ? bytes : [];
    }
}
