namespace OneShot.Blocks;

/// <summary>The blocks of one request, in the order they were taken. Its array is kept from request to request.</summary>
internal struct HeldBlocks
{
    private HeldBlock[] _items;

    public int Count { get; private set; }

    /// <summary>The caller guarantees that there is one.</summary>
    public readonly ref HeldBlock Last => ref _items[Count - 1];

    public readonly ReadOnlySpan<HeldBlock> Span => _items.AsSpan(0, Count);

    /// <summary>The last block, for a thread that may look while the owner changes the list: its fields may not belong together.</summary>
    public readonly bool TryPeek(out HeldBlock last)
    {
        HeldBlock[]? items = _items;
        int index = Count - 1;
        if (items is null || (uint)index >= (uint)items.Length)
        {
            last = default;
            return false;
        }

        last = items[index];
        return true;
    }

    /// <summary>Makes room, so that as many <see cref="Add"/>s cannot fail.</summary>
    /// <exception cref="OutOfMemoryException">The list is as it was.</exception>
    public void Reserve(int more = 1)
    {
        if (_items is null || Count + more > _items.Length)
        {
            FaultInjection.Allocation();
            Array.Resize(ref _items, Math.Max(4, Math.Max(Count + more, Count * 2)));
        }
    }

    /// <summary>The caller has made room by <see cref="Reserve"/>.</summary>
    public void Add(in HeldBlock held) => _items[Count++] = held;

    /// <summary>Takes out the block that <paramref name="address"/> lies in; the others may change their order.</summary>
    public unsafe bool TryTakeOut(byte* address, out HeldBlock held)
    {
        for (int index = 0; index < Count; index++)
        {
            if (address >= _items[index].Block.Start && address < _items[index].Block.Limit)
            {
                held = _items[index];
                _items[index] = _items[Count - 1];
                RemoveLast();
                return true;
            }
        }

        held = default;
        return false;
    }

    /// <summary>The newest block, not before <paramref name="from"/>, whose share begins at <paramref name="start"/>.</summary>
    /// <returns>Its index, or -1.</returns>
    public readonly unsafe int IndexOf(byte* start, int from)
    {
        int index = Count - 1;
        while (index >= from && _items[index].Start != start)
        {
            index--;
        }

        return index >= from ? index : -1;
    }

    /// <summary>Takes a block out; the last one takes its place.</summary>
    public HeldBlock RemoveAt(int index)
    {
        HeldBlock removed = _items[index];
        _items[index] = _items[Count - 1];
        RemoveLast();
        return removed;
    }

    public HeldBlock RemoveLast()
    {
        HeldBlock last = _items[--Count];
        _items[Count] = default;
        return last;
    }

    /// <summary>Takes out the smallest block of at least <paramref name="size"/> bytes that is not wastefully larger.</summary>
    public unsafe bool TryTake(nuint size, out HeldBlock held)
    {
        int best = -1;
        nuint smallest = nuint.MaxValue;
        for (int index = 0; index < Count; index++)
        {
            nuint candidate = (nuint)(_items[index].Limit - _items[index].Start);
            if (candidate >= size && candidate / 2 <= size && candidate < smallest)
            {
                best = index;
                smallest = candidate;
            }
        }

        if (best < 0)
        {
            held = default;
            return false;
        }

        held = _items[best];
        _items[best] = _items[Count - 1];
        RemoveLast();
        return true;
    }

    public void Clear()
    {
        Array.Clear(_items ?? [], 0, Count);
        Count = 0;
    }
}
