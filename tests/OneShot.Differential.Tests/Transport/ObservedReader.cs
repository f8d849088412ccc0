using System.Buffers;
using System.IO.Pipelines;
using Microsoft.AspNetCore.Connections;

namespace OneShot.Differential.Tests.Transport;

/// <summary>What the server reads from, and by which its progress is known.</summary>
internal sealed class ObservedReader(PipeReader inner, ServerProgress progress) : PipeReader
{
    private ReadOnlySequence<byte> _buffer;
    private long _consumed;
    private volatile ConnectionAbortedException? _abortReason;

    public override ValueTask<ReadResult> ReadAsync(CancellationToken cancellationToken = default)
    {
        ThrowIfAborted();
        ValueTask<ReadResult> read = inner.ReadAsync(cancellationToken);
        return read.IsCompletedSuccessfully ? new ValueTask<ReadResult>(Observe(read.Result)) : WaitAsync(read);
    }

    public override bool TryRead(out ReadResult result)
    {
        ThrowIfAborted();
        bool read = inner.TryRead(out result);
        if (read)
        {
            Observe(result);
        }

        return read;
    }

    public override void AdvanceTo(SequencePosition consumed) => AdvanceTo(consumed, consumed);

    public override void AdvanceTo(SequencePosition consumed, SequencePosition examined)
    {
        _consumed += _buffer.Slice(0, consumed).Length;
        _buffer = default;
        inner.AdvanceTo(consumed, examined);
    }

    public override void CancelPendingRead() => inner.CancelPendingRead();

    public override void Complete(Exception? exception = null) => inner.Complete(exception);

    internal void Abort(ConnectionAbortedException reason)
    {
        _abortReason = reason;
        inner.CancelPendingRead();
    }

    private async ValueTask<ReadResult> WaitAsync(ValueTask<ReadResult> read)
    {
        progress.OnWaiting();
        ReadResult result = await read;
        ThrowIfAborted();
        return Observe(result);
    }

    private ReadResult Observe(in ReadResult result)
    {
        _buffer = result.Buffer;
        progress.OnSeen(_consumed + result.Buffer.Length, result.IsCompleted);
        return result;
    }

    private void ThrowIfAborted()
    {
        if (_abortReason is { } reason)
        {
            throw reason;
        }
    }
}
