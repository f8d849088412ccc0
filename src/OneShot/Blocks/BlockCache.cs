namespace OneShot.Blocks;

/// <summary>
/// Blocks that came back, already cleared. They wait in a stack per size class; where no class has what is asked for, those that
/// adjoin are joined, and split to size. Thread-safe: the lock is held for a push or a pop, and an arena comes here only when
/// it needs more than the block it keeps.
/// </summary>
internal sealed unsafe class BlockCache
{
    /// <summary>What a trim takes out at a time: about a tenth of a millisecond's work for the system.</summary>
    private const nuint TrimStep = 1 << 20;

    private readonly Lock _lock = new();
    private readonly Lock _trim = new();
    private readonly Stack[] _classes = new Stack[SizeClass.Count];
    private readonly FreeRanges _joined = new();
    private long _freeBytes;
    private int _stacked;
    private bool _isTrimming;

    // Whether a trim has left neighbours apart, so that it is known which of them are emptied.
    private bool _isParted;

    /// <summary>Bytes of the process arena that wait here for their next use.</summary>
    public long FreeBytes => Volatile.Read(ref _freeBytes);

    /// <param name="size">A size that <see cref="SizeClass.RoundUp"/> answered.</param>
    /// <param name="join">Whether blocks are joined to that size: for when the region has no more.</param>
    /// <param name="block">The block, all zero, of that size.</param>
    public bool TryTake(nuint size, bool join, out Block block)
    {
        if (TryTakeNow(size, join, out block, out bool isTrimming))
        {
            return true;
        }

        if (!join || !isTrimming)
        {
            return false;
        }

        // The trim puts back soon what it has in its hands, and takes nothing else meanwhile.
        lock (_trim)
        {
            return TryTakeNow(size, join, out block, out _);
        }
    }

    /// <summary>The caller guarantees that the block is zero, of a class's exact size, and no longer used by it.</summary>
    public void Return(Block block)
    {
        System.Diagnostics.Debug.Assert(!block.IsFallback && SizeClass.RoundUp(block.Size) == block.Size, "Only whole blocks of the process arena come back.");
        lock (_lock)
        {
            _classes[SizeClass.Of(block.Size)].Push(new FreeRange { Start = block.Start, Limit = block.Limit });
            _stacked++;
            _freeBytes += (long)block.Size;
        }
    }

    /// <summary>Gives the physical memory of all waiting blocks back to the system, a part at a time: others take and return blocks meanwhile.</summary>
    /// <param name="region">The region they lie in.</param>
    /// <returns>How many bytes went. What went before and was not used since does not count again.</returns>
    /// <exception cref="MemoryRegionException">The operating system refused.</exception>
    public long Discard(BumpRegion region)
    {
        long discarded = 0;
        JoinAll();
        while (true)
        {
            lock (_trim)
            {
                if (!TryTakeForTrim(out FreeRange range))
                {
                    return discarded;
                }

                bool isEmptied = false;
                try
                {
                    discarded += region.Discard(range.Start, range.Limit);
                    isEmptied = true;
                }
                finally
                {
                    range.IsEmptied = isEmptied;
                    PutBack(range);
                }
            }
        }
    }

    /// <param name="size">As <see cref="TryTake"/>.</param>
    /// <param name="join">As <see cref="TryTake"/>.</param>
    /// <param name="block">As <see cref="TryTake"/>.</param>
    /// <param name="isTrimming">Whether a trim had some of the memory in its hands at that moment.</param>
    private bool TryTakeNow(nuint size, bool join, out Block block, out bool isTrimming)
    {
        lock (_lock)
        {
            isTrimming = _isTrimming;
            if (TryPop(size, out FreeRange range) || _joined.TryTake(size, out range) || (join && TryTakeJoined(size, out range)))
            {
                _freeBytes -= (long)size;
                block = new Block(range.Start, size);
                return true;
            }
        }

        block = default;
        return false;
    }

    private bool TryPop(nuint size, out FreeRange range)
    {
        if (!_classes[SizeClass.Of(size)].TryPop(out range))
        {
            return false;
        }

        _stacked--;
        return true;
    }

    private bool TryTakeJoined(nuint size, out FreeRange range)
    {
        range = default;
        if ((_stacked == 0 && !_isParted) || _freeBytes < (long)size)
        {
            return false;
        }

        JoinStacks(mixed: true);
        _isParted = false;
        return _joined.TryTake(size, out range);
    }

    private void JoinAll()
    {
        lock (_lock)
        {
            JoinStacks(mixed: false);
            _isParted = true;
        }
    }

    /// <summary>Moves all that waits in the stacks to where neighbours are joined.</summary>
    private void JoinStacks(bool mixed)
    {
        // Two more for what a trim puts back, which must not need memory.
        _joined.Reserve(_joined.Span.Length + _stacked + 2);
        foreach (ref Stack stack in _classes.AsSpan())
        {
            while (stack.TryPop(out FreeRange range))
            {
                _joined.Add(range);
            }
        }

        _stacked = 0;
        _joined.Join(mixed);
    }

    private bool TryTakeForTrim(out FreeRange range)
    {
        lock (_lock)
        {
            _joined.Reserve(_joined.Span.Length + 2);
            if (!_joined.TryTakeNotEmptied(TrimStep, out range))
            {
                return false;
            }

            _isTrimming = true;
            return true;
        }
    }

    private void PutBack(in FreeRange range)
    {
        lock (_lock)
        {
            _joined.Add(range);
            _joined.Join(mixed: false);
            _isParted = true; // others may have joined all the rest meanwhile
            _isTrimming = false;
        }
    }

    private struct Stack
    {
        private FreeRange[]? _ranges;
        private int _count;

        public void Push(in FreeRange range)
        {
            _ranges ??= new FreeRange[4];
            if (_count == _ranges.Length)
            {
                FaultInjection.Allocation();
                Array.Resize(ref _ranges, _count * 2);
            }

            _ranges[_count++] = range;
        }

        public bool TryPop(out FreeRange range)
        {
            if (_count == 0)
            {
                range = default;
                return false;
            }

            range = _ranges![--_count];
            return true;
        }
    }
}
