namespace OneShot.Blocks;

/// <summary>
/// A region that is filled once and goes as a whole: closed when its successor takes over, retired when it is closed and
/// nobody holds a block of it any more.
/// </summary>
/// <remarks>
/// Holds are counted per block, not per request: an arena goes on with the block it has, and comes here once per block.
/// The generation has one hold of its own until it is closed, so the count reaches 0 once, and whoever takes it there retires
/// the generation. From 0 it never rises again.
/// </remarks>
internal sealed unsafe class Generation(GenerationSet owner, BumpRegion region, long size)
{
    private int _holds = 1;
    private int _closed;

    public BumpRegion Region { get; } = region;

    public long Size { get; } = size;

    public bool IsClosed => Volatile.Read(ref _closed) != 0;

    /// <summary>Takes a block and a hold with it.</summary>
    /// <returns>Null if it does not fit, or the generation is closed.</returns>
    public byte* TryTakeBlock(long size, long alignment)
    {
        if (!TryHold())
        {
            return null;
        }

        byte* start = null;
        try
        {
            start = IsClosed ? null : Region.TryTakeBlock(size, alignment);
            return start;
        }
        finally
        {
            if (start is null)
            {
                Release();
            }
        }
    }

    /// <summary>Gives a hold back.</summary>
    public void Release()
    {
        int left = Interlocked.Decrement(ref _holds);
        System.Diagnostics.Debug.Assert(left >= 0, "A hold is given back once.");
        if (left == 0)
        {
            owner.Retire(this);
        }
    }

    /// <summary>Hands out nothing more.</summary>
    public void Close()
    {
        if (Interlocked.Exchange(ref _closed, 1) == 0)
        {
            Release();
        }
    }

    private bool TryHold()
    {
        int holds = Volatile.Read(ref _holds);
        while (holds > 0)
        {
            int seen = Interlocked.CompareExchange(ref _holds, holds + 1, holds);
            if (seen == holds)
            {
                return true;
            }

            holds = seen;
        }

        return false;
    }
}
