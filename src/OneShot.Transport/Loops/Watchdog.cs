using System.Collections.Concurrent;

namespace OneShot.Transport.Loops;

/// <summary>
/// Sees to it that no handler holds up a loop: one thread that looks at every loop once in a bound. A loop that is in the same
/// call-out as the time before, and whose thread waits or has computed meanwhile, is given to a spare thread. Bytes whose sending was put off
/// elsewhere are called for once a look has come and gone; turns that the thread pool was given, and does not begin, are run by spare threads. Where all wait in the kernel, it sleeps as they do.
/// </summary>
/// <remarks>A thread that has only been without a processor keeps its loop: another thread would have none either.</remarks>
[System.Diagnostics.CodeAnalysis.SuppressMessage("Design", "CA1001", Justification = "A loop may wake it at any time, also while it stops.")]
internal sealed class Watchdog(TimeSpan bound)
{
    /// <summary>Looks that find nothing at work before it goes to sleep: waking it takes longer than looking.</summary>
    private const int IdleLooks = 100;

    /// <summary>How long a call-out may take.</summary>
    public TimeSpan Bound => bound;

    private readonly SemaphoreSlim _wake = new(0);
    private readonly ConcurrentQueue<EventTarget> _expected = new();
    private int _expectedBefore; // the watchdog's own: so many were there at its last look
    private EventLoop[] _loops = [];
    private volatile bool _isAsleep;
    private volatile bool _isStopping;
    private volatile bool _hasEnded;

    public void Start(EventLoop[] loops)
    {
        _loops = loops;
        LoopThread.Start(Run, "OneShot watchdog", ThreadPriority.AboveNormal);
    }

    /// <summary>A loop calls out. One ordinary read while the watchdog is awake.</summary>
    public void Notice()
    {
        if (_isAsleep)
        {
            Wake();
        }
    }

    /// <summary>The target has put something off: between one and two bounds from now it is told that this is overdue, done or not. Nobody is where all loops have ended.</summary>
    public void Expect(EventTarget target)
    {
        _expected.Enqueue(target);
        Notice();
        if (_hasEnded)
        {
            _expected.Clear();
        }
    }

    /// <summary>It ends when the loops have: until then a handler may still keep one from stopping.</summary>
    public void Stop()
    {
        _isStopping = true;
        Wake();
    }

    private void Wake()
    {
        _isAsleep = false;
        _wake.Release();
    }

    private void Run()
    {
        var seen = new (long Word, TimeSpan ProcessorTime)[_loops.Length];
        int idleLooks = 0;
        while (!_isStopping || !Array.TrueForAll(_loops, static loop => loop.HasEnded))
        {
            bool isAtWork = CallOverdue();
            for (int i = 0; i < _loops.Length; i++)
            {
                EventLoop loop = _loops[i];
                long word = loop.Word;
                bool isCalledOut = LoopOwnership.StateOf(word) == LoopState.CalledOut;
                isAtWork |= isCalledOut || word != seen[i].Word || loop.IsPoolOwing;
                loop.LookAtPool();
                if (word != seen[i].Word)
                {
                    seen[i] = (word, isCalledOut ? loop.ThreadActivity.ProcessorTime : default);
                }
                else if (isCalledOut && loop.ThreadActivity.KindSince(seen[i].ProcessorTime, bound) is not TurnKind.Quick and var kind)
                {
                    loop.Take(word, kind);
                }
            }

            idleLooks = isAtWork ? 0 : idleLooks + 1;
            if (idleLooks < IdleLooks)
            {
                Thread.Sleep(bound);
                continue;
            }

            SleepUntilCallOut();
            idleLooks = 0;
        }

        _hasEnded = true;
        _expected.Clear(); // or they would be kept by whoever keeps the transport, such as its metrics
    }

    /// <returns>Whether more is expected.</returns>
    private bool CallOverdue()
    {
        for (int due = _expectedBefore; due > 0 && _expected.TryDequeue(out EventTarget? target); due--)
        {
            target.OnOverdue();
        }

        _expectedBefore = _expected.Count;
        return _expectedBefore > 0;
    }

    /// <remarks>
    /// A loop writes its word, then looks whether the watchdog sleeps; the watchdog says that it sleeps, then looks at the words. The
    /// loop pays no fence for that order: the watchdog has every processor make one.
    /// </remarks>
    private void SleepUntilCallOut()
    {
        _isAsleep = true;
        Interlocked.MemoryBarrierProcessWide();
        if (!_expected.IsEmpty)
        {
            _isAsleep = false;
            return;
        }

        foreach (EventLoop loop in _loops)
        {
            if (LoopOwnership.StateOf(loop.Word) == LoopState.CalledOut || loop.IsPoolOwing)
            {
                _isAsleep = false;
                return;
            }
        }

        if (_isStopping)
        {
            return;
        }

        _wake.Wait();
    }
}
