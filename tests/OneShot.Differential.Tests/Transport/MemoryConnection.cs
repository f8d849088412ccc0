using System.Buffers;
using System.IO.Pipelines;
using System.Net;

namespace OneShot.Differential.Tests.Transport;

/// <summary>The client's end. What it writes is processed on its own thread as far as the server lets it.</summary>
internal sealed class MemoryConnection
{
    /// <summary>How long a test waits for what must come: only a broken server ever makes it wait.</summary>
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(30);

    private readonly Pipe _toServer = new(s_options);
    private readonly Pipe _toClient = new(s_options);
    private readonly ServerProgress _progress = new();

    // Inline both ways, and no back pressure: whoever writes must never wait for a reader that comes later.
    private static readonly PipeOptions s_options = new(
        readerScheduler: PipeScheduler.Inline, writerScheduler: PipeScheduler.Inline,
        pauseWriterThreshold: 0, useSynchronizationContext: false);

    public MemoryConnection(string id, EndPoint local)
    {
        Server = new MemoryConnectionContext(id, local, new ObservedReader(_toServer.Reader, _progress), _toClient.Writer, _progress);
    }

    internal MemoryConnectionContext Server { get; }

    internal string Id => Server.ConnectionId;

    /// <summary>The server has ended the connection without having been told that the client has.</summary>
    internal bool EndedByServer => _progress.HasEnded && !_progress.HasSeenEnd;

    /// <summary>The server has cut the connection instead of closing it.</summary>
    internal bool IsAborted => Server.IsAborted;

    /// <summary>How many bytes the server has answered up to now.</summary>
    internal int AnswerLength
    {
        get
        {
            if (!_toClient.Reader.TryRead(out ReadResult result))
            {
                return 0;
            }

            int length = (int)result.Buffer.Length;
            _toClient.Reader.AdvanceTo(result.Buffer.Start);
            return length;
        }
    }

    /// <summary>Sends bytes and waits until the server asks for more than these, or has ended the connection.</summary>
    internal async ValueTask SendAsync(ReadOnlyMemory<byte> bytes)
    {
        _progress.OnSending(bytes.Length);
        await _toServer.Writer.WriteAsync(bytes);
        await _progress.WhenSettledAsync().WaitAsync(s_patience);
    }

    /// <summary>The client has sent all it will send; the server ends the connection, and this is all it has answered.</summary>
    internal async ValueTask<byte[]> FinishAsync()
    {
        await _toServer.Writer.CompleteAsync();
        await _progress.WhenEndedAsync().WaitAsync(s_patience);
        await _toClient.Writer.CompleteAsync();
        ReadResult result = await _toClient.Reader.ReadAsync();
        byte[] answer = result.Buffer.ToArray();
        await _toClient.Reader.CompleteAsync();
        return answer;
    }
}
