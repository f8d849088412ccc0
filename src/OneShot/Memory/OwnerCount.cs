namespace OneShot.Blocks;

/// <summary>
/// How many keep a process arena's memory mapped: itself until it is disposed, its arenas, pinned blocks. From 0, where the memory
/// is unmapped, the count never rises again.
/// </summary>
internal struct OwnerCount
{
    private int _count = 1;
    private int _closed;

    public OwnerCount()
    {
    }

    public readonly bool IsClosed => Volatile.Read(in _closed) != 0;

    /// <summary>Owners without the process arena itself.</summary>
    public readonly int Others => Math.Max(0, Volatile.Read(in _count) - (IsClosed ? 0 : 1));

    /// <summary>Adds an owner, unless the process arena was disposed.</summary>
    public bool TryAdd()
    {
        int count = Volatile.Read(ref _count);
        while (!IsClosed && count > 0)
        {
            int seen = Interlocked.CompareExchange(ref _count, count + 1, count);
            if (seen == count)
            {
                return true;
            }

            count = seen;
        }

        return false;
    }

    /// <summary>Adds one on behalf of an owner, which the caller is.</summary>
    public void AddAnother() => Interlocked.Increment(ref _count);

    /// <summary>Takes an owner away.</summary>
    /// <returns>Whether it was the last one.</returns>
    public bool Remove() => Interlocked.Decrement(ref _count) == 0;

    /// <summary>No owner is added any more. The process arena is one until it takes itself away.</summary>
    /// <returns>False if that was said before.</returns>
    public bool Close() => Interlocked.Exchange(ref _closed, 1) == 0;
}
