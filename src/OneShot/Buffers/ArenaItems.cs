using System.Diagnostics;

namespace OneShot.Buffers;

/// <summary>The elements of a list, and what can be done with them. It lies in the arena; all zero it is the empty list.</summary>
internal unsafe struct ArenaItems<T> where T : unmanaged
{
    private const int FirstGrowth = 4;

    private UnsafeSlice<T> _memory;
    private int _count;

    public readonly int Count => _count;

    public readonly int Capacity => _memory.Length;

    public readonly Span<T> Span => _memory.Span[.._count];

    /// <exception cref="ArgumentOutOfRangeException">There is no such element.</exception>
    public readonly ref T this[int index]
    {
        get
        {
            if ((uint)index >= (uint)_count)
            {
                ThrowHelper.IndexOutOfRange(index, _count);
            }

            return ref _memory.Span[index];
        }
    }

    /// <summary>The caller guarantees that there is room. Two threads in one list can take it from each other: the second is refused, and writes nothing behind it.</summary>
    public void Add(T item)
    {
        int index = _count;
        _memory.Span[index] = item;
        _count = index + 1;
    }

    /// <summary>The caller guarantees that there is room.</summary>
    public void AddRange(ReadOnlySpan<T> items)
    {
        items.CopyTo(_memory.Span[_count..]);
        _count += items.Length;
        AssertValid();
    }

    /// <summary>The caller guarantees that there is room, and that the index is not beyond the end.</summary>
    public void Insert(int index, T item)
    {
        Span<T> items = _memory.Span;
        items[index.._count].CopyTo(items[(index + 1)..]);
        items[index] = item;
        _count++;
        AssertValid();
    }

    /// <exception cref="ArgumentOutOfRangeException">There is no such element.</exception>
    public void RemoveAt(int index)
    {
        if ((uint)index >= (uint)_count)
        {
            ThrowHelper.IndexOutOfRange(index, _count);
        }

        Span<T> items = Span;
        items[(index + 1)..].CopyTo(items[index..]);
        _count--;
        AssertValid();
    }

    public void Clear() => _count = 0;

    /// <summary>Takes memory for the first time: exactly so much.</summary>
    public void Begin(Arena arena, int capacity)
    {
        Debug.Assert(_memory.IsDefault, "It has no memory yet.");
        _memory = arena.AllocateUnsafe<T>(capacity);
    }

    /// <summary>Grows, so that at least <paramref name="more"/> elements are free. If that fails, nothing has changed.</summary>
    /// <exception cref="ArgumentOutOfRangeException">More elements than an array could have.</exception>
    /// <exception cref="ArenaExhaustedException">The process arena is full and its policy is not to fall back.</exception>
    public void Grow(Arena arena, in ArenaLifetime lifetime, int more)
    {
        long needed = (long)_count + more;
        if (needed > Array.MaxLength)
        {
            ThrowHelper.BufferTooLong(needed);
        }

        arena.Grow(ref _memory, Span, Math.Max((int)needed, FirstGrowth), lifetime);
        AssertValid();
    }

    /// <summary>Gives unused room back, if nothing was allocated behind it.</summary>
    public void Trim(Arena arena, in ArenaLifetime lifetime)
    {
        if (_count < _memory.Length)
        {
            arena.TryResizeLive(ref _memory, _count, lifetime);
        }
    }

    [Conditional("DEBUG")]
    private readonly void AssertValid() => Debug.Assert(_count >= 0 && _count <= _memory.Length, "The elements lie in the memory.");
}
