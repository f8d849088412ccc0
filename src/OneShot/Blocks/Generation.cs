using OneShot.Memory;

namespace OneShot.Blocks;

/// <summary>
/// A region that is filled once and goes as a whole: closed when its successor takes over, retired when it is closed and
/// nobody holds a block of it any more. Until then what is not held of it can be emptied.
/// </summary>
/// <remarks>
/// Holds are counted per block, not per request: an arena goes on with the block it has, and comes here once per block.
/// The generation has one hold of its own until it is closed, so the count reaches 0 once, and whoever takes it there retires
/// the generation. From 0 it never rises again.
/// </remarks>
internal sealed unsafe class Generation(GenerationSet owner, BumpRegion region, long size)
{
    private readonly Lock _lock = new();
    private readonly FreeRanges _released = new();
    private int _holds = 1;
    private int _closed;
    private int _blocks;
    private long _held;
    private long _emptied;
    private bool _isLocked;

    public BumpRegion Region { get; } = region;

    /// <summary>Bytes that blocks can be taken of.</summary>
    public long Size { get; } = size;

    public bool IsClosed => Volatile.Read(ref _closed) != 0;

    /// <summary>Bytes of blocks that are held; of one that the system does not let be emptied, all that it had not given back before.</summary>
    public long Used => Volatile.Read(ref _isLocked) ? Region.Used - Volatile.Read(ref _emptied) : Volatile.Read(ref _held);

    public long Committed => Region.Committed - Volatile.Read(ref _emptied);

    /// <summary>How much of the cap it takes: all of it while it is open, then the pages that were not emptied.</summary>
    public long Share => IsClosed ? WholePages(Region.Used) - Volatile.Read(ref _emptied) : Size;

    /// <summary>What <see cref="Share"/> would come to if it were closed and emptied now, or a little more.</summary>
    public long LeastShare => Math.Min(WholePages(Used), Size);

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
            lock (_lock)
            {
                // Giving the block back must not need memory.
                _released.Reserve(_blocks + 1);
                start = IsClosed ? null : Region.TryTakeBlock(size, alignment);
                if (start is not null)
                {
                    _blocks++;
                    _held += size;
                }
            }

            return start;
        }
        finally
        {
            if (start is null)
            {
                ReleaseHold();
            }
        }
    }

    /// <summary>Gives a block and its hold back. Never fails.</summary>
    public void Release(byte* start, nuint size)
    {
        lock (_lock)
        {
            _released.Add(new FreeRange { Start = start, Limit = start + size });
            _held -= (long)size;
        }

        ReleaseHold();
    }

    /// <summary>Hands out nothing more: when this returns, what is used of the region grows no more, and it shares in the cap as a closed one.</summary>
    public void StopTaking()
    {
        lock (_lock)
        {
            // A thread that is taking a block has it by now, or finds the generation closed.
            Volatile.Write(ref _closed, 1);
        }
    }

    /// <summary>Hands out nothing more, and retires as soon as nobody holds a block. Called once.</summary>
    public void Close()
    {
        StopTaking();
        Region.StopTouching();
        ReleaseHold();
    }

    /// <summary>Gives the pages of a closed generation that nobody holds back to the system, so that one long request does not keep all of it.</summary>
    public void Empty()
    {
        lock (_lock)
        {
            if (_isLocked)
            {
                return;
            }

            long emptied = 0;
            _released.Join(mixed: true);
            foreach (ref FreeRange range in _released.Span)
            {
                if (!range.IsEmptied && !Region.TryDiscard(range.Start, range.Limit))
                {
                    Volatile.Write(ref _isLocked, true);
                    return;
                }

                range.IsEmptied = true;
                emptied += BumpRegion.WholePagesWithin(range.Start, range.Limit);
            }

            Volatile.Write(ref _emptied, emptied);
        }
    }

    private void ReleaseHold()
    {
        int left = Interlocked.Decrement(ref _holds);
        System.Diagnostics.Debug.Assert(left >= 0, "A hold is given back once.");
        if (left == 0)
        {
            owner.Retire(this);
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

    private static long WholePages(long bytes) => (long)Alignment.Up((nuint)bytes, PageSize.Bytes);
}
