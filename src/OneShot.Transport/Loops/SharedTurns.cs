using System.Collections.Concurrent;

namespace OneShot.Transport.Loops;

/// <summary>
/// Turns that a loop has given to the thread pool so that they and what is behind them run at the same time (<see cref="WorkSharing"/>). The pool is told that there
/// is one; whoever comes first, of its threads or of the transport's spares, takes it. Thread-safe.
/// </summary>
internal sealed class SharedTurns(LoopThreads threads) : IThreadPoolWorkItem
{
    /// <summary>Looks of the watchdog: with fewer, a pool would be taken for held up whose threads the system has no processor for.</summary>
    public const int LooksUntilHeldUp = 4;

    private readonly ConcurrentQueue<IThreadPoolWorkItem> _turns = new();
    private int _waiting;
    private long _begun;
    private long _served;
    private long _begunBefore; // the watchdog's, and so the next: at its last look
    private int _looks; // that have found the same
    private volatile bool _isPoolHeldUp;

    /// <summary>The pool may begin another one at once: no more than it has threads for are waiting, and it has begun the last ones soon.</summary>
    public bool HasRoom => !_isPoolHeldUp && Volatile.Read(ref _waiting) < Environment.ProcessorCount;

    public bool IsEmpty => Volatile.Read(ref _waiting) == 0;

    /// <summary>Turns that are over.</summary>
    public long Served => Volatile.Read(ref _served);

    public void Add(IThreadPoolWorkItem turn)
    {
        Interlocked.Increment(ref _waiting); // before: nobody takes one that is not counted
        _turns.Enqueue(turn);
        ThreadPool.UnsafeQueueUserWorkItem(this, preferLocal: false);
    }

    /// <summary>Runs one; none where another thread has been faster.</summary>
    public void Execute()
    {
        if (Thread.CurrentThread.IsThreadPoolThread)
        {
            _isPoolHeldUp = false;
        }

        if (!_turns.TryDequeue(out IThreadPoolWorkItem? turn))
        {
            return;
        }

        Interlocked.Decrement(ref _waiting);
        Interlocked.Increment(ref _begun);
        turn.Execute();
        Interlocked.Increment(ref _served);
    }

    /// <summary>The watchdog: where none was begun for some of its looks, the pool has no thread for them. Spares run them, and it gets no more until it has.</summary>
    public void Look()
    {
        long begun = Volatile.Read(ref _begun);
        int waiting = Volatile.Read(ref _waiting);
        _looks = waiting > 0 && begun == _begunBefore ? _looks + 1 : 0;
        _begunBefore = begun;
        if (_looks < LooksUntilHeldUp)
        {
            return;
        }

        _isPoolHeldUp = true;
        while (waiting-- > 0 && threads.TryGive(this))
        {
        }
    }
}
