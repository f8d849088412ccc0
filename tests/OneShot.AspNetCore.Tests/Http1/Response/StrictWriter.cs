using System.IO.Pipelines;

namespace OneShot.AspNetCore.Tests.Http1.Response;

/// <summary>
/// A transport's writer that insists on its rules: nothing may be done to it while it flushes, by anybody, and memory is good
/// until the next flush. A flush ends when the test says so.
/// </summary>
internal sealed class StrictWriter : PipeWriter, IDisposable
{
    private readonly MemoryStream _written = new();
    private readonly MemoryStream _flushed = new();
    private byte[] _memory = [];
    private int _advanced;
    private int _users;
    private bool _cancelsNext;
    private volatile TaskCompletionSource<FlushResult>? _flush;

    /// <summary>Flushes wait for <see cref="TryEndFlush"/>; else they end at once.</summary>
    internal volatile bool Waits;

    internal bool IsFlushing => _flush is not null;

    internal bool IsCompleted { get; private set; }

    internal Exception? CompletedWith { get; private set; }

    internal int Flushes { get; private set; }

    /// <summary>How many bytes have been flushed. Any thread may ask.</summary>
    internal long FlushedLength { get; private set; }

    internal byte[] Flushed => _flushed.ToArray();

    public void Dispose()
    {
        _written.Dispose();
        _flushed.Dispose();
    }

    public override bool CanGetUnflushedBytes => true;

    public override long UnflushedBytes => _written.Length;

    public override Memory<byte> GetMemory(int sizeHint = 0) => Use(() =>
    {
        _memory = new byte[Math.Max(sizeHint, 100)];
        _advanced = 0;
        return _memory;
    });

    public override Span<byte> GetSpan(int sizeHint = 0) => GetMemory(sizeHint).Span;

    public override void Advance(int bytes) => Use(() =>
    {
        _written.Write(_memory, _advanced, bytes);
        _advanced += bytes;
        return bytes;
    });

    public override ValueTask<FlushResult> FlushAsync(CancellationToken cancellationToken = default) => Use(() =>
    {
        Flushes++;
        _memory = [];
        _advanced = 0;
        if (_cancelsNext)
        {
            _cancelsNext = false;
            Take();
            return new ValueTask<FlushResult>(new FlushResult(isCanceled: true, isCompleted: false));
        }

        if (!Waits)
        {
            Take();
            return default;
        }

        var flush = new TaskCompletionSource<FlushResult>(); // who waits goes on within EndFlush
        _flush = flush;
        return new ValueTask<FlushResult>(flush.Task);
    });

    public override void CancelPendingFlush()
    {
        _cancelsNext = !TryEndFlush(new FlushResult(isCanceled: true, isCompleted: false));
    }

    public override void Complete(Exception? exception = null) => Use(() =>
    {
        Take();
        CompletedWith = exception;
        return IsCompleted = true;
    });

    /// <summary>The client has taken what was flushed.</summary>
    internal bool TryEndFlush(FlushResult result = default)
    {
        if (_flush is not { } flush)
        {
            return false;
        }

        Take();
        _flush = null;
        flush.SetResult(result);
        return true;
    }

    internal void FailFlush(Exception exception)
    {
        TaskCompletionSource<FlushResult> flush = _flush!;
        _flush = null;
        flush.SetException(exception);
    }

    private void Take()
    {
        _written.WriteTo(_flushed);
        _written.SetLength(0);
        FlushedLength = _flushed.Length;
    }

    private T Use<T>(Func<T> call)
    {
        Assert.Null(_flush);
        Assert.False(IsCompleted, "used after its end");
        Assert.Equal(1, Interlocked.Increment(ref _users));
        T result = call();
        Interlocked.Decrement(ref _users);
        return result;
    }
}
