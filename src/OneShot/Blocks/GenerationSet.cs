using OneShot.Memory;

namespace OneShot.Blocks;

/// <summary>
/// The generations of one process arena: one that is being filled, older ones that somebody still holds, and the regions of
/// retired ones. Thread-safe.
/// </summary>
/// <remarks>
/// The cap is on what generations share in: all of the one that is open, and of closed ones the pages that are held. Where it
/// leaves less than a generation, what nobody holds of closed ones is emptied, and the next one is as large as what is left.
/// </remarks>
internal sealed unsafe class GenerationSet(long capacity, long generationSize, bool isDebug, Func<long, BumpRegion> createRegion, Action takeIdleHolds) : IDisposable
{
    private readonly Lock _lock = new();
    private readonly List<Generation> _live = [];
    private readonly RetiredRegions _retiredRegions = new(generationSize);
    private Generation? _current;
    private long _opened;
    private long _retired;
    private bool _disposed;

    /// <summary>Bytes of blocks that are held.</summary>
    public long Used
    {
        get
        {
            lock (_lock)
            {
                return _live.Sum(generation => generation.Used);
            }
        }
    }

    public long Committed
    {
        get
        {
            lock (_lock)
            {
                return _live.Sum(generation => generation.Committed) + _retiredRegions.LockedBytes;
            }
        }
    }

    public long LockedBytes
    {
        get
        {
            lock (_lock)
            {
                return _retiredRegions.LockedBytes;
            }
        }
    }

    public long Opened => Volatile.Read(ref _opened);

    public long Retired => Volatile.Read(ref _retired);

    public MemoryRegionException? Failure { get; private set; }

    public bool HugePages { get; private set; }

    /// <summary>Takes a block of the current generation, and opens the next one when that is full.</summary>
    public bool TryTakeBlock(nuint size, nuint alignment, out Block block)
    {
        while (true)
        {
            Generation? current = Volatile.Read(ref _current);
            byte* start = current is null ? null : current.TryTakeBlock((long)size, (long)alignment);
            if (start is not null)
            {
                block = new Block(start, size, current!);
                return true;
            }

            if ((long)size > generationSize)
            {
                return TryTakeAlone(size, alignment, out block);
            }

            if (!TryMoveOn(current, (long)size))
            {
                block = default;
                return false;
            }
        }
    }

    /// <summary>Nobody holds a block of the generation any more, and nobody can take one: its memory goes back to the system.</summary>
    public void Retire(Generation generation)
    {
        lock (_lock)
        {
            if (!_live.Remove(generation))
            {
                return;
            }

            _retired++;
        }

        // Not under the lock: thousands of pages take the system a while.
        bool isEmpty = generation.Region.TryEmpty(inaccessible: isDebug);
        lock (_lock)
        {
            _retiredRegions.Add(generation.Region, isEmpty);
        }
    }

    /// <summary>Hands out nothing any more.</summary>
    public void Close()
    {
        lock (_lock)
        {
            _disposed = true;
            _live.ForEach(generation => generation.Region.Close());
        }
    }

    /// <summary>Unmaps everything. The caller guarantees that no arena is left.</summary>
    public void Dispose()
    {
        lock (_lock)
        {
            _disposed = true;
            _live.ForEach(generation => generation.Region.Dispose());
            _live.Clear();
            _retiredRegions.Dispose();
        }
    }

    /// <summary>Closes a full generation and opens the next, if the cap leaves room for one.</summary>
    /// <returns>Whether it is worth trying again.</returns>
    private bool TryMoveOn(Generation? full, long size)
    {
        lock (_lock)
        {
            ObjectDisposedException.ThrowIf(_disposed, typeof(ProcessArena));
            if (!ReferenceEquals(full, _current))
            {
                return true;
            }

            // One whose end would make no room stays open, as it may still serve smaller blocks; one that is empty and has
            // nothing to give was refused memory by the system, and so would the next be.
            if (full is not null && ((full.Region.Used == 0 && size <= full.Size) || !IsWorthClosing(full, size)))
            {
                return false;
            }

            // Closed before others find that there is none: they would count it as full.
            full?.StopTaking();
            Volatile.Write(ref _current, null);
        }

        // Not under the lock: arenas are asked for the tails they keep, and the last hold that goes retires the generation.
        if (full is not null)
        {
            full.Close();
            takeIdleHolds();
        }

        lock (_lock)
        {
            ObjectDisposedException.ThrowIf(_disposed, typeof(ProcessArena));
            return _current is not null || (MakeRoom(generationSize) >= size && TryOpenNext(Math.Min(generationSize, Room)));
        }
    }

    private bool IsWorthClosing(Generation full, long size)
    {
        long lacking = size - (full.Size - full.LeastShare);
        return MakeRoom(lacking) >= lacking;
    }

    private bool TryOpenNext(long size)
    {
        bool isOpen = TryOpen(size / Alignment.Block * Alignment.Block, out Generation? next);
        Volatile.Write(ref _current, next);
        return isOpen;
    }

    /// <summary>A block larger than a generation is one of its own, gone when the block is released.</summary>
    private bool TryTakeAlone(nuint size, nuint alignment, out Block block)
    {
        Generation? alone;
        lock (_lock)
        {
            ObjectDisposedException.ThrowIf(_disposed, typeof(ProcessArena));
            if (MakeRoom((long)size) < (long)size || !TryOpen((long)size, out alone))
            {
                block = default;
                return false;
            }
        }

        try
        {
            byte* start = alone!.TryTakeBlock((long)size, (long)alignment);
            block = start is null ? default : new Block(start, size, alone);
            return start is not null;
        }
        finally
        {
            alone!.Close(); // else it would have its share of the cap for ever
        }
    }

    private bool TryOpen(long size, out Generation? opened)
    {
        opened = null;
        BumpRegion? region = null;
        try
        {
            // Neither to note the generation nor to retire it must need memory.
            FaultInjection.Allocation();
            _live.EnsureCapacity(_live.Count + 1);
            _retiredRegions.Reserve(_live.Count + 1);
            if (size <= generationSize && _retiredRegions.TryTake(out region) && !region!.TryReopen(size))
            {
                Failure = region.CommitFailure;
                _retiredRegions.Add(region, isEmpty: false);
                return false;
            }

            if (region is null)
            {
                region = createRegion(Math.Max(size, generationSize));
                region.TryReopen(size);
            }

            HugePages |= region.HugePages;
            FaultInjection.Allocation();
            opened = new Generation(this, region, size);
        }
        catch (OutOfMemoryException) when (region is not null)
        {
            _retiredRegions.Add(region, region.TryEmpty(inaccessible: isDebug));
            throw;
        }
        catch (MemoryRegionException refused)
        {
            Failure = refused;
            return false;
        }

        _live.Add(opened);
        _opened++;
        return true;
    }

    private long Room => capacity - _live.Sum(generation => generation.Share);

    /// <summary>Empties what nobody holds of closed generations if there is less room than that.</summary>
    /// <returns>How much room there is now.</returns>
    private long MakeRoom(long wanted)
    {
        long room = Room;
        if (room < wanted)
        {
            _live.ForEach(generation =>
            {
                if (generation.IsClosed)
                {
                    generation.Empty();
                }
            });
            room = Room;
        }

        return room;
    }
}
