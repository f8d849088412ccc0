namespace OneShot.Blocks;

/// <summary>
/// Regions whose generations are retired, until they serve others. They stay mapped until the process arena is disposed: who
/// still looks at a request's memory after its end reads zeros there, and does not end the process. Not thread-safe.
/// </summary>
/// <param name="size">Bytes of a region that serves again. Larger ones were made for one block and are unmapped in the end.</param>
internal sealed class RetiredRegions(long size) : IDisposable
{
    // Address space only. As long as a region waits here, a stale pointer into it cannot meet the bytes of another request.
    private const int Quarantine = 16;

    private readonly Queue<BumpRegion> _quarantine = new();
    private readonly Stack<BumpRegion> _ready = new();

    // What the system would not take back is used first, so that no more of it comes about than was once used at a time.
    private readonly Stack<BumpRegion> _locked = new();

    /// <summary>Bytes that wait here because the system did not take them back.</summary>
    public long LockedBytes { get; private set; }

    /// <summary>Makes room, so that as many more <see cref="Add"/>s cannot fail.</summary>
    public void Reserve(int more)
    {
        _quarantine.EnsureCapacity(_quarantine.Count + more);
        _ready.EnsureCapacity(_ready.Count + _quarantine.Count + more);
        _locked.EnsureCapacity(_locked.Count + more);
    }

    public void Add(BumpRegion region, bool isEmpty)
    {
        if (isEmpty)
        {
            _quarantine.Enqueue(region);
        }
        else if (region.Capacity == size)
        {
            LockedBytes += region.Committed;
            _locked.Push(region);
        }
        else
        {
            region.Dispose(); // memory over the cap would be worse than a fault of what is stale
        }

        if (_quarantine.Count > Quarantine)
        {
            BumpRegion oldest = _quarantine.Dequeue();
            if (oldest.Capacity == size)
            {
                _ready.Push(oldest);
            }
            else
            {
                oldest.Dispose();
            }
        }
    }

    /// <summary>Takes a region of the standard size, if one waits that may be used again.</summary>
    public bool TryTake(out BumpRegion? region)
    {
        if (_locked.TryPop(out region))
        {
            LockedBytes -= region.Committed;
            return true;
        }

        return _ready.TryPop(out region);
    }

    public void Dispose()
    {
        foreach (BumpRegion region in (BumpRegion[])[.. _quarantine, .. _ready, .. _locked])
        {
            region.Dispose();
        }

        _quarantine.Clear();
        _ready.Clear();
        _locked.Clear();
    }
}
