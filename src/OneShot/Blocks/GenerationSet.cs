namespace OneShot.Blocks;

/// <summary>
/// The generations of one process arena: one that is being filled, older ones that somebody still holds, and the
/// address space of retired ones, kept inaccessible for a while so that a stale pointer faults.
/// </summary>
internal sealed unsafe class GenerationSet(long capacity, long generationSize, Func<long, BumpRegion> createRegion) : IDisposable
{
    // Reserved address space only; the memory is given back when a generation retires.
    private const int Quarantine = 16;

    private readonly Lock _lock = new();
    private readonly List<Generation> _live = [];
    private readonly Queue<BumpRegion> _quarantine = new();
    private readonly HashSet<Arena> _arenas = [];
    private Generation? _current;
    private long _opened;
    private long _retired;
    private bool _disposed;

    /// <summary>Bytes behind the cursors of all generations that are not retired.</summary>
    public long Used
    {
        get
        {
            lock (_lock)
            {
                return _live.Sum(generation => generation.Region.Used);
            }
        }
    }

    public long Committed
    {
        get
        {
            lock (_lock)
            {
                return _live.Sum(generation => generation.Region.Committed);
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

    public void Add(Arena arena)
    {
        lock (_lock)
        {
            _arenas.Add(arena);
        }
    }

    public void Remove(Arena arena)
    {
        lock (_lock)
        {
            _arenas.Remove(arena);
        }
    }

    /// <summary>Nobody holds a block of the generation any more, and nobody can take one: its memory goes back to the system.</summary>
    public void Retire(Generation generation)
    {
        BumpRegion? oldest = null;
        lock (_lock)
        {
            if (!_live.Remove(generation))
            {
                return;
            }

            _retired++;
            generation.Region.Decommit();
            _quarantine.Enqueue(generation.Region);
            if (_quarantine.Count > Quarantine)
            {
                oldest = _quarantine.Dequeue();
            }
        }

        oldest?.Dispose();
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
            while (_quarantine.TryDequeue(out BumpRegion? region))
            {
                region.Dispose();
            }
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

            // Without room for another, a generation that could still serve small blocks stays open for them.
            if (full is not null && size > generationSize / 4 && !HasRoom(generationSize))
            {
                return false;
            }

            Volatile.Write(ref _current, null);
        }

        // Not under the lock: the last hold that goes retires a generation, which takes the lock.
        if (full is not null)
        {
            full.Close();
            TakeIdleHolds();
        }

        lock (_lock)
        {
            ObjectDisposedException.ThrowIf(_disposed, typeof(ProcessArena));
            return _current is not null || TryOpen(generationSize, out _current);
        }
    }

    /// <summary>A block larger than a generation is one of its own, gone when the block is released.</summary>
    private bool TryTakeAlone(nuint size, nuint alignment, out Block block)
    {
        Generation? alone;
        lock (_lock)
        {
            ObjectDisposedException.ThrowIf(_disposed, typeof(ProcessArena));
            if (!TryOpen((long)size, out alone))
            {
                block = default;
                return false;
            }
        }

        byte* start = alone!.TryTakeBlock((long)size, (long)alignment);
        alone.Close();
        block = start is null ? default : new Block(start, size, alone);
        return start is not null;
    }

    private bool TryOpen(long size, out Generation? opened)
    {
        opened = null;
        if (!HasRoom(size))
        {
            return false;
        }

        try
        {
            BumpRegion region = createRegion(size);
            HugePages |= region.HugePages;
            opened = new Generation(this, region, size);
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

    private bool HasRoom(long size) => _live.Sum(generation => generation.Size) <= capacity - size;

    /// <summary>An arena between two requests keeps the tail of its block; in a closed generation that only holds it up.</summary>
    private void TakeIdleHolds()
    {
        Arena[] arenas;
        lock (_lock)
        {
            arenas = [.. _arenas];
        }

        foreach (Arena arena in arenas)
        {
            arena.ReleaseIdleHold();
        }
    }
}
