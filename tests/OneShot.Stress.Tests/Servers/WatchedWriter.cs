using System.IO.Pipelines;

namespace OneShot.Stress.Tests.Servers;

/// <summary>The transport's output, with a guard at the door: one thread at a time, one flush at a time.</summary>
internal sealed class WatchedWriter(PipeWriter output, Action<string> complain) : PipeWriter
{
    private int _inside;
    private ValueTask<FlushResult> _flush;

    public override bool CanGetUnflushedBytes => output.CanGetUnflushedBytes;

    public override long UnflushedBytes => output.UnflushedBytes;

    public override Memory<byte> GetMemory(int sizeHint = 0)
    {
        using Door door = Enter(nameof(GetMemory));
        return output.GetMemory(sizeHint);
    }

    public override Span<byte> GetSpan(int sizeHint = 0)
    {
        using Door door = Enter(nameof(GetSpan));
        return output.GetSpan(sizeHint);
    }

    public override void Advance(int bytes)
    {
        using Door door = Enter(nameof(Advance));
        output.Advance(bytes);
    }

    public override ValueTask<FlushResult> FlushAsync(CancellationToken cancellationToken = default)
    {
        using Door door = Enter(nameof(FlushAsync));
        if (!_flush.IsCompleted)
        {
            complain($"A flush begins while another one is under way: {Environment.StackTrace}");
        }

        _flush = output.FlushAsync(cancellationToken).Preserve();
        return _flush;
    }

    public override void CancelPendingFlush() => output.CancelPendingFlush(); // from any thread, by its contract

    public override void Complete(Exception? exception = null)
    {
        using Door door = Enter(nameof(Complete));
        output.Complete(exception);
    }

    private Door Enter(string operation)
    {
        if (Interlocked.Exchange(ref _inside, 1) != 0)
        {
            complain($"{operation} while another thread writes: {Environment.StackTrace}");
        }

        Thread.SpinWait(20); // a wider door is easier to be caught in
        return new Door(this);
    }

    private readonly ref struct Door(WatchedWriter writer)
    {
        public void Dispose() => Volatile.Write(ref writer._inside, 0);
    }
}
