namespace OneShot.Transport.Loops;

/// <summary>
/// The threads that run loops: one for each, and spares for those whose thread is held up by a handler. Spares are started when one is
/// needed, up to a bound, and end when none has been needed for a while. Thread-safe.
/// </summary>
/// <remarks>
/// <see cref="HasSpare"/> is a promise to every loop that asks, and all of them may ask while one spare is left. So that it is kept,
/// each loop but the one that has it may start one more thread beyond the bound. Turns are never given to the last
/// ones, which loops may need.
/// </remarks>
internal sealed class LoopThreads(int mostSpares, int loops, TimeSpan idle)
{
    /// <summary>How long a spare waits to be needed.</summary>
    public static readonly TimeSpan DefaultIdle = TimeSpan.FromSeconds(10);

    private readonly int _mostStarted = mostSpares == 0 ? 0 : mostSpares + loops - 1;
    private readonly Lock _lock = new();
    private readonly List<LoopThread> _parked = []; // the last one in is the first one out
    private int _started; // threads beyond one a loop that are alive
    private volatile bool _isStopping;
    private volatile int _available = mostSpares; // parked, or not started yet; below zero by those beyond the bound

    /// <summary>Whether a loop could be taken over now.</summary>
    public bool HasSpare => _available > 0;

    public TimeSpan Idle => idle;

    /// <summary>A loop's part of the processors, at least one.</summary>
    public int ProcessorsPerLoop => Math.Max(1, Environment.ProcessorCount / loops);

    /// <summary>Spares that are alive, at work or parked.</summary>
    public int Spares
    {
        get
        {
            lock (_lock)
            {
                return _started;
            }
        }
    }

    /// <summary>A loop's first thread.</summary>
    /// <inheritdoc cref="LoopThread.Start()" path="exception"/>
    public void Start(EventLoop loop)
    {
        var thread = new LoopThread(this);
        thread.Start();
        thread.Assign(loop);
    }

    /// <returns>A thread for <see cref="LoopThread.Assign(EventLoop)"/> or <see cref="Park"/>; null when there is none left, or the system has none.</returns>
    public LoopThread? TryReserve() => TryReserve(forTurn: false);

    /// <summary>Has a spare run a turn.</summary>
    /// <returns>False when there is none that loops can do without: the turn is the caller's.</returns>
    public bool TryGive(IThreadPoolWorkItem turn)
    {
        LoopThread? spare = TryReserve(forTurn: true);
        spare?.Assign(turn);
        return spare is not null;
    }

    /// <summary>A thread has no loop: it waits for one.</summary>
    public void Park(LoopThread thread)
    {
        lock (_lock)
        {
            _available++;
            _parked.Add(thread);
        }
    }

    /// <summary>A parked thread was not needed for long.</summary>
    /// <returns>False when it has just been reserved.</returns>
    public bool TryRetire(LoopThread thread)
    {
        lock (_lock)
        {
            if (!_parked.Remove(thread))
            {
                return false;
            }

            _started--; // still available: another one can be started
            return true;
        }
    }

    /// <summary>Parked threads end, and those at work when their loops do.</summary>
    public void Stop()
    {
        _isStopping = true;
        lock (_lock)
        {
            foreach (LoopThread thread in _parked)
            {
                thread.Assign(loop: null);
            }

            _started -= _parked.Count; // a loop that a handler keeps from stopping may need another
            _parked.Clear();
        }
    }

    /// <summary>A thread's loop has ended, or is another's now.</summary>
    /// <returns>False when it shall end.</returns>
    internal bool TryPark(LoopThread thread)
    {
        lock (_lock)
        {
            if (_isStopping)
            {
                _started = Math.Max(0, _started - 1);
                return false;
            }

            Park(thread);
            return true;
        }
    }

    private LoopThread? TryReserve(bool forTurn)
    {
        lock (_lock)
        {
            if (forTurn && (_isStopping || _available <= loops))
            {
                return null;
            }

            if (_parked.Count > 0)
            {
                LoopThread parked = _parked[^1];
                _parked.RemoveAt(_parked.Count - 1);
                _available--;
                return parked;
            }

            if (_started == _mostStarted)
            {
                return null;
            }

            _started++;
            _available--;
        }

        var started = new LoopThread(this);
        try
        {
            started.Start();
            return started;
        }
        catch (OutOfMemoryException)
        {
            lock (_lock)
            {
                _started--;
                _available++;
            }

            return null;
        }
    }
}
