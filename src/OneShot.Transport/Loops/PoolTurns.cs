using System.Collections.Concurrent;
using System.Diagnostics.CodeAnalysis;

namespace OneShot.Transport.Loops;

/// <summary>
/// Turns that a loop has given to the thread pool. The pool is told that there is one; whoever comes first, of its threads or of the transport's spares, takes it:
/// a pool whose threads all wait for something begins none. Thread-safe.
/// </summary>
/// <param name="threads">Where the spares come from.</param>
/// <param name="most">So many that run are what the pool is good for: it is not held up then, but at work, unless they too wait for something.</param>
internal sealed class PoolTurns(LoopThreads threads, int most) : IThreadPoolWorkItem
{
    /// <summary>Looks of the watchdog: with fewer, a pool would be taken for held up whose threads the system has no processor for.</summary>
    public const int LooksUntilHeldUp = 4;

    /// <summary>Looks of the watchdog, all of which found the same: what runs may wait for what does not, and one more may run beside it. About as often as a pool adds a thread.</summary>
    public const int LooksUntilOneMore = 512;

    private readonly ConcurrentQueue<IThreadPoolWorkItem> _turns = new();
    private int _waiting;
    private long _begun;
    private long _over;
    private int _coming; // spares that were sent, and are not there yet
    private long _begunBefore; // the watchdog's, and so the next: at its last look
    private int _looks; // that have found the same
    private volatile bool _isPoolHeldUp;

    /// <summary>The pool may begin another one at once: no more than it has threads for are waiting, and it has begun the last ones soon.</summary>
    public bool HasRoom => !_isPoolHeldUp && Volatile.Read(ref _waiting) < Environment.ProcessorCount;

    public bool IsEmpty => Volatile.Read(ref _waiting) == 0;

    /// <summary>At least as many as are being run: those that are over are counted first.</summary>
    private long Running => -Volatile.Read(ref _over) + Volatile.Read(ref _begun);

    /// <summary>The watchdog is to be awake behind this.</summary>
    public void Add(IThreadPoolWorkItem turn)
    {
        Interlocked.Increment(ref _waiting); // before: nobody takes one that is not counted
        _turns.Enqueue(turn);
        TellPool(); // a pool that is held up, too: the turn must not depend on the watchdog
        if (_isPoolHeldUp)
        {
            GiveToSpares();
        }
    }

    /// <summary>Runs one; none where another thread has been faster. A spare goes on while the pool is held up.</summary>
    public void Execute()
    {
        if (Thread.CurrentThread.IsThreadPoolThread)
        {
            _isPoolHeldUp = false;
            if (TryBegin(out IThreadPoolWorkItem? turn))
            {
                turn.Execute();
                Interlocked.Increment(ref _over);
            }

            return;
        }

        ExecuteOnSpare();
    }

    /// <remarks>Whatever a spare was counted as before, it is so until its next turn counts: it must not look as if there were room for another.</remarks>
    private void ExecuteOnSpare()
    {
        bool isThere = TryBegin(out IThreadPoolWorkItem? turn);
        Interlocked.Decrement(ref _coming);
        while (isThere)
        {
            turn!.Execute();
            LoopThread.ResetContext();
            isThere = _isPoolHeldUp && TryBegin(out turn);
            Interlocked.Increment(ref _over);
        }
    }

    /// <summary>The watchdog: where none was begun for some of its looks, the pool has no thread for them. Spares run them until it has.</summary>
    public void Look()
    {
        long begun = Volatile.Read(ref _begun);
        int waiting = Volatile.Read(ref _waiting);
        _looks = waiting > 0 && begun == _begunBefore ? _looks + 1 : 0;
        _begunBefore = begun;
        if (_looks >= LooksUntilHeldUp && Running < most && !_isPoolHeldUp)
        {
            _isPoolHeldUp = true;
            TellPool(); // behind that: the turn that was waited for may have been begun meanwhile, and nothing else would take it back
        }

        if (_looks >= LooksUntilOneMore)
        {
            _looks = 0;
            GiveToSpare();
        }
        else if (_isPoolHeldUp)
        {
            GiveToSpares();
        }
    }

    private bool TryBegin([NotNullWhen(true)] out IThreadPoolWorkItem? turn)
    {
        if (!_turns.TryDequeue(out turn))
        {
            return false;
        }

        Interlocked.Decrement(ref _waiting);
        Interlocked.Increment(ref _begun);
        return true;
    }

    private void TellPool() => ThreadPool.UnsafeQueueUserWorkItem(this, preferLocal: false);

    /// <remarks>Each counts itself before it looks: two at once send too few, and the next look the rest.</remarks>
    private void GiveToSpares()
    {
        while (Interlocked.Increment(ref _coming) <= Math.Min(Volatile.Read(ref _waiting), most - Running))
        {
            if (!threads.TryGive(this))
            {
                break;
            }
        }

        Interlocked.Decrement(ref _coming);
    }

    private void GiveToSpare()
    {
        Interlocked.Increment(ref _coming); // before: it may be there at once
        if (!threads.TryGive(this))
        {
            Interlocked.Decrement(ref _coming);
        }
    }
}
