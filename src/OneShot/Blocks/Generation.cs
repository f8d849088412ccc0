namespace OneShot.Blocks;

/// <summary>
/// A region that is filled once and goes as a whole: closed when its successor takes over, retired when it is closed and
/// nobody holds a block of it any more.
/// </summary>
/// <remarks>Holds are counted per block, not per request: an arena goes on with the block it has, and comes here once per block.</remarks>
internal sealed unsafe class Generation(GenerationSet owner, BumpRegion region, long size)
{
    private int _holds;
    private int _closed;
    private int _retired;

    public BumpRegion Region { get; } = region;

    public long Size { get; } = size;

    public bool IsClosed => Volatile.Read(ref _closed) != 0;

    /// <summary>Takes a block and a hold with it.</summary>
    /// <returns>Null if it does not fit, or the generation is closed.</returns>
    public byte* TryTakeBlock(long size, long alignment)
    {
        // The hold comes before the look at _closed: whoever closes sees the hold, or this thread sees that it is closed.
        Interlocked.Increment(ref _holds);
        byte* start = IsClosed ? null : Region.TryTakeBlock(size, alignment);
        if (start is null)
        {
            Release();
        }

        return start;
    }

    /// <summary>Gives a hold back.</summary>
    public void Release()
    {
        if (Interlocked.Decrement(ref _holds) == 0 && IsClosed)
        {
            Retire();
        }
    }

    /// <summary>Hands out nothing more.</summary>
    public void Close()
    {
        Interlocked.Exchange(ref _closed, 1);
        if (Volatile.Read(ref _holds) == 0)
        {
            Retire();
        }
    }

    private void Retire()
    {
        if (Interlocked.Exchange(ref _retired, 1) == 0)
        {
            owner.Retire(this);
        }
    }
}
