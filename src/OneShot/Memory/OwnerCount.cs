namespace OneShot.Memory;

/// <summary>
/// How many keep memory mapped. Of a process arena: itself until it is disposed, its arenas, pinned blocks. Of a region: itself, and the system calls
/// that are at work in it. From 0, where the memory is unmapped, the count never rises again.
/// </summary>
internal struct OwnerCount
{
    private int _count = 1;
    private int _closed;

    public OwnerCount()
    {
    }

    public readonly bool IsClosed => Volatile.Read(in _closed) != 0;

    /// <summary>Owners without the first one.</summary>
    public readonly int Others => Math.Max(0, Volatile.Read(in _count) - (IsClosed ? 0 : 1));

    /// <summary>Adds an owner, unless the first one was disposed.</summary>
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

    /// <summary>No owner is added any more. The first one is one until it takes itself away.</summary>
    /// <returns>False if that was said before.</returns>
    public bool Close() => Interlocked.Exchange(ref _closed, 1) == 0;
}
