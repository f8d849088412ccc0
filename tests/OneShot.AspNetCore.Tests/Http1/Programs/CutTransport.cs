using System.IO.Pipelines;

namespace OneShot.AspNetCore.Tests.Http1.Programs;

/// <summary>
/// A connection whose writer behaves behind an abort as a socket's does: it takes what it is given, drops it, and says that
/// nobody reads. The bare one would throw, which no real transport does.
/// </summary>
internal sealed class CutTransport(InMemoryConnectionContext connection, IDuplexPipe inner) : PipeWriter, IDuplexPipe
{
    private static readonly byte[] s_dropped = new byte[64 * 1024];

    public PipeReader Input => inner.Input;

    public PipeWriter Output => this;

    public override bool CanGetUnflushedBytes => true;

    public override long UnflushedBytes => connection.IsAborted ? 0 : inner.Output.UnflushedBytes;

    public override void Advance(int bytes)
    {
        if (!connection.IsAborted)
        {
            inner.Output.Advance(bytes);
        }
    }

    public override Memory<byte> GetMemory(int sizeHint = 0) => connection.IsAborted ? s_dropped : inner.Output.GetMemory(sizeHint);

    public override Span<byte> GetSpan(int sizeHint = 0) => GetMemory(sizeHint).Span;

    public override ValueTask<FlushResult> FlushAsync(CancellationToken cancellationToken = default) =>
        connection.IsAborted ? new(new FlushResult(isCanceled: false, isCompleted: true)) : inner.Output.FlushAsync(cancellationToken);

    public override void CancelPendingFlush() => inner.Output.CancelPendingFlush();

    public override void Complete(Exception? exception = null) => inner.Output.Complete(exception);
}
