namespace OneShot.Blocks;

/// <summary>
/// Blocks that came back, already cleared, one stack per size class. Thread-safe: the lock is held for a push or a pop,
/// and an arena comes here only when it needs more than the block it keeps.
/// </summary>
internal sealed class BlockCache
{
    private readonly Lock _lock = new();
    private readonly Stack[] _classes = new Stack[SizeClass.Count];
    private long _freeBytes;

    /// <summary>Bytes of the process arena that wait here for their next use.</summary>
    public long FreeBytes => Volatile.Read(ref _freeBytes);

    /// <param name="size">A size that <see cref="SizeClass.RoundUp"/> answered.</param>
    /// <param name="orLarger">Whether a larger block will do: it keeps a full process arena going.</param>
    /// <param name="block">The block, all zero.</param>
    public bool TryTake(nuint size, bool orLarger, out Block block)
    {
        lock (_lock)
        {
            int first = SizeClass.Of(size);
            int last = orLarger ? SizeClass.Count - 1 : first;
            for (int index = first; index <= last; index++)
            {
                if (_classes[index].TryPop(out block))
                {
                    _freeBytes -= (long)block.Size;
                    return true;
                }
            }
        }

        block = default;
        return false;
    }

    /// <summary>The caller guarantees that the block is zero, of a class's exact size, and no longer used by it.</summary>
    public void Return(Block block)
    {
        System.Diagnostics.Debug.Assert(!block.IsFallback && SizeClass.RoundUp(block.Size) == block.Size, "Only whole blocks of the process arena come back.");
        lock (_lock)
        {
            _classes[SizeClass.Of(block.Size)].Push(block);
            _freeBytes += (long)block.Size;
        }
    }

    /// <summary>Gives the physical memory of all waiting blocks back to the system.</summary>
    /// <param name="region">The region they lie in.</param>
    /// <returns>How many bytes went.</returns>
    public long Discard(BumpRegion region)
    {
        long discarded = 0;
        lock (_lock)
        {
            foreach (ref readonly Stack stack in _classes.AsSpan())
            {
                discarded += stack.Discard(region);
            }
        }

        return discarded;
    }

    private struct Stack
    {
        private Block[]? _blocks;
        private int _count;

        public void Push(Block block)
        {
            _blocks ??= new Block[4];
            if (_count == _blocks.Length)
            {
                FaultInjection.Allocation();
                Array.Resize(ref _blocks, _count * 2);
            }

            _blocks[_count++] = block;
        }

        public readonly unsafe long Discard(BumpRegion region)
        {
            long discarded = 0;
            foreach (Block block in _blocks.AsSpan(0, _count))
            {
                discarded += region.Discard(block.Start, block.Limit);
            }

            return discarded;
        }

        public bool TryPop(out Block block)
        {
            if (_count == 0)
            {
                block = default;
                return false;
            }

            block = _blocks![--_count];
            return true;
        }
    }
}
