namespace OneShot.Blocks;

/// <summary>
/// Free memory in the order of its addresses, neighbours joined into one range. What is added waits unsorted until
/// <see cref="Join"/>, so that giving back is cheap. Not thread-safe.
/// </summary>
internal sealed unsafe class FreeRanges
{
    // So many are put in place one by one; more are sorted together with all others.
    private const int FewRanges = 32;

    private FreeRange[] _items = [];
    private int _sorted;
    private int _count;

    // No sorted range has this many bytes: a take that failed need not look again until something was added.
    private nuint _noneFrom;

    /// <summary>All ranges; after <see cref="Join"/> in the order of their addresses, none of them empty.</summary>
    public Span<FreeRange> Span => _items.AsSpan(0, _count);

    /// <summary>Makes room, so that <see cref="Add"/> cannot fail until there are more than so many ranges.</summary>
    /// <exception cref="OutOfMemoryException">Nothing has changed.</exception>
    public void Reserve(int count)
    {
        if (count > _items.Length)
        {
            FaultInjection.Allocation();
            Array.Resize(ref _items, Math.Max(count, Math.Max(8, _items.Length * 2)));
        }
    }

    /// <summary>Adds a range that touches no byte of another.</summary>
    public void Add(in FreeRange range)
    {
        Reserve(_count + 1);
        _items[_count++] = range;
    }

    /// <summary>Makes one range of all that adjoin.</summary>
    /// <param name="mixed">Whether an emptied one is joined with one that is not; together they count as not emptied.</param>
    public void Join(bool mixed)
    {
        if (_count == 0)
        {
            return;
        }

        Sort();

        int last = 0;
        for (int index = 1; index < _count; index++)
        {
            ref FreeRange left = ref _items[last];
            ref FreeRange right = ref _items[index];
            System.Diagnostics.Debug.Assert(left.Limit <= right.Start, "No byte is free twice.");
            if (left.Limit == right.Start && (mixed || left.IsEmptied == right.IsEmptied))
            {
                left.Limit = right.Limit;
                left.IsEmptied &= right.IsEmptied;
            }
            else
            {
                _items[++last] = right;
            }
        }

        _count = last + 1;
        _sorted = _count;
        _noneFrom = nuint.MaxValue;
    }

    /// <summary>Takes <paramref name="size"/> bytes from the smallest of the joined ranges that has them.</summary>
    public bool TryTake(nuint size, out FreeRange taken)
    {
        taken = default;
        int best = -1;
        if (size < _noneFrom)
        {
            best = SmallestFrom(size);
        }

        if (best < 0)
        {
            _noneFrom = nuint.Min(_noneFrom, size);
            return false;
        }

        taken = Cut(best, size);
        return true;
    }

    /// <summary>Takes a part of a range that was not emptied since it was used.</summary>
    public bool TryTakeNotEmptied(nuint most, out FreeRange taken)
    {
        for (int index = 0; index < _count; index++)
        {
            if (!_items[index].IsEmptied)
            {
                taken = Cut(index, nuint.Min(most, _items[index].Size));
                return true;
            }
        }

        taken = default;
        return false;
    }

    private void Sort()
    {
        if (_count - _sorted > FewRanges)
        {
            Span.Sort();
            return;
        }

        for (int index = _sorted; index < _count; index++)
        {
            FreeRange added = _items[index];
            int place = ~Array.BinarySearch(_items, 0, index, added);
            System.Diagnostics.Debug.Assert(place >= 0, "No byte is free twice.");
            Array.Copy(_items, place, _items, place + 1, index - place);
            _items[place] = added;
        }
    }

    private int SmallestFrom(nuint size)
    {
        int best = -1;
        for (int index = 0; index < _sorted; index++)
        {
            nuint candidate = _items[index].Size;
            if (candidate >= size && (best < 0 || candidate < _items[best].Size))
            {
                best = index;
                if (candidate == size)
                {
                    break;
                }
            }
        }

        return best;
    }

    private FreeRange Cut(int index, nuint size)
    {
        ref FreeRange whole = ref _items[index];
        FreeRange taken = whole;
        taken.Limit = whole.Start + size;
        whole.Start = taken.Limit;
        if (whole.Size == 0)
        {
            Array.Copy(_items, index + 1, _items, index, _count - index - 1);
            _count--;
            _sorted -= index < _sorted ? 1 : 0;
        }

        return taken;
    }
}
