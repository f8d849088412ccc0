namespace OneShot.Memory;

/// <summary>
/// Faults memory in ahead of a cursor, on a thread of its own that starts with the first request and sleeps between
/// them. Only the newest request counts: what lies behind it has been touched by those it was for.
/// </summary>
internal sealed class PreToucher(long ahead) : IDisposable
{
    // A quarter of a millisecond's work or so: how long a region that wants to go waits at most.
    private const int Chunk = 1 << 20;

    // Guards the request below; never held while memory is touched. Taken before _touching where both are.
    private readonly object _gate = new();
    private readonly Lock _touching = new();
    private Thread? _thread;
    private MemoryRegion? _region;
    private nuint _from;
    private nuint _to;
    private bool _stopped;

    /// <summary>Bytes to keep faulted in ahead of the cursor.</summary>
    public long Ahead { get; } = ahead;

    /// <summary>Asks for committed whole pages to be touched.</summary>
    public void Touch(MemoryRegion region, nuint from, nuint to)
    {
        lock (_gate)
        {
            if (_stopped)
            {
                return;
            }

            if (_thread is null && !TryStart())
            {
                return;
            }

            // What is left of an earlier request in the same region is on the way of the cursor too.
            _from = ReferenceEquals(region, _region) ? nuint.Min(_from, from) : from;
            _to = to;
            _region = region;
            Monitor.Pulse(_gate);
        }
    }

    /// <summary>When this returns, the region is not touched any more and may be unmapped.</summary>
    public void Forget(MemoryRegion region)
    {
        lock (_gate)
        {
            if (ReferenceEquals(_region, region))
            {
                _region = null;
            }
        }

        _touching.Enter();
        _touching.Exit();
    }

    public void Dispose()
    {
        Thread? thread;
        lock (_gate)
        {
            _stopped = true;
            _region = null;
            thread = _thread;
            Monitor.Pulse(_gate);
        }

        thread?.Join();
    }

    /// <returns>False if the system gives no thread: those who need the memory then touch it first, and the next request tries again.</returns>
    private bool TryStart()
    {
        try
        {
            FaultInjection.Allocation();
            var thread = new Thread(Run) { IsBackground = true, Name = "OneShot pre-touch" };
            thread.Start();
            _thread = thread;
            return true;
        }
        catch (Exception refused) when (refused is OutOfMemoryException or ThreadStartException)
        {
            return false;
        }
    }

    private void Run()
    {
        while (Next() is (MemoryRegion region, nuint from, nuint length))
        {
            try
            {
                region.Populate(from, length);
            }
            finally
            {
                _touching.Exit();
            }
        }
    }

    /// <summary>Waits for something to touch; whoever gets it holds <see cref="_touching"/>.</summary>
    private (MemoryRegion Region, nuint From, nuint Length)? Next()
    {
        lock (_gate)
        {
            while (!_stopped)
            {
                if (_region is not null)
                {
                    MemoryRegion region = _region;
                    nuint from = _from;
                    nuint length = nuint.Min(_to - from, Chunk);
                    _from += length;
                    if (_from >= _to)
                    {
                        _region = null;
                    }

                    _touching.Enter();
                    return (region, from, length);
                }

                Monitor.Wait(_gate);
            }

            return null;
        }
    }
}
