using OneShot.Buffers;

namespace OneShot;

/// <summary>
/// A list in an arena: nothing of it on the GC heap. The value is a handle, copies of it are the same list. It grows in
/// place while it is the newest in its block; otherwise it moves to memory twice as large, and the old stays behind.
/// </summary>
/// <remarks>
/// <para>Valid until the request of its arena ends, or a mark is rewound under which it was created or last took memory:
/// from then on every member throws <see cref="ObjectDisposedException"/>.</para>
/// <para>It is sorted and searched by its <see cref="Span"/>: <c>list.Span.Sort()</c>.</para>
/// <para>Not thread-safe, as its arena. The handle holds a reference to the arena, so it cannot be an element itself: for lists
/// in lists there is <see cref="UnsafeArenaList{T}"/>.</para>
/// </remarks>
public readonly struct ArenaList<T> where T : unmanaged
{
    private readonly ArenaHandle<ArenaItems<T>> _handle;

    internal ArenaList(Arena arena, int capacity)
    {
        if (capacity < 0)
        {
            ThrowHelper.NegativeCapacity(capacity);
        }

        _handle = new ArenaHandle<ArenaItems<T>>(arena);
        if (capacity > 0)
        {
            _handle.Live.Begin(arena, capacity);
        }
    }

    /// <summary>How many elements there are.</summary>
    public int Count => _handle.Live.Count;

    /// <summary>How many elements there can be before the list has to grow.</summary>
    public int Capacity => _handle.Live.Capacity;

    /// <summary>
    /// The elements. Valid until the request ends; after the list has grown it may show the elements as they were before,
    /// in the memory the list has left.
    /// </summary>
    public Span<T> Span => _handle.Live.Span;

    /// <summary>The element at <paramref name="index"/>, by reference; the reference is valid as <see cref="Span"/> is.</summary>
    /// <exception cref="ArgumentOutOfRangeException">There is no such element.</exception>
    public ref T this[int index] => ref _handle.Live[index];

    /// <summary>Adds an element at the end.</summary>
    /// <exception cref="ArgumentOutOfRangeException">More elements than an array could have.</exception>
    /// <exception cref="ArenaExhaustedException">The process arena is full and its policy is not to fall back.</exception>
    public void Add(T item)
    {
        ref ArenaItems<T> items = ref _handle.Live;
        if (items.Count == items.Capacity)
        {
            Grow(ref items, 1);
        }

        items.Add(item);
    }

    /// <summary>Adds elements at the end, in order. They may be the list's own.</summary>
    /// <exception cref="ArgumentOutOfRangeException">More elements than an array could have.</exception>
    /// <exception cref="ArenaExhaustedException">The process arena is full and its policy is not to fall back.</exception>
    public void AddRange(ReadOnlySpan<T> items)
    {
        ref ArenaItems<T> own = ref _handle.Live;
        if (items.Length > own.Capacity - own.Count)
        {
            Grow(ref own, items.Length);
        }

        own.AddRange(items);
    }

    /// <summary>Inserts an element before the one at <paramref name="index"/>, or at the end.</summary>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="index"/> is negative or beyond the end, or more elements than an array could have.</exception>
    /// <exception cref="ArenaExhaustedException">The process arena is full and its policy is not to fall back.</exception>
    public void Insert(int index, T item)
    {
        ref ArenaItems<T> items = ref _handle.Live;
        if ((uint)index > (uint)items.Count)
        {
            ThrowHelper.IndexOutOfRange(index, items.Count);
        }

        if (items.Count == items.Capacity)
        {
            Grow(ref items, 1);
        }

        items.Insert(index, item);
    }

    /// <summary>Removes the element at <paramref name="index"/>; those behind it move up.</summary>
    /// <exception cref="ArgumentOutOfRangeException">There is no such element.</exception>
    public void RemoveAt(int index) => _handle.Live.RemoveAt(index);

    /// <summary>Removes all elements and keeps the memory.</summary>
    public void Clear() => _handle.Live.Clear();

    /// <summary>Makes room for at least <paramref name="capacity"/> elements in all.</summary>
    /// <returns>How many there is room for.</returns>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="capacity"/> is negative, or more than an array could have.</exception>
    /// <exception cref="ArenaExhaustedException">The process arena is full and its policy is not to fall back.</exception>
    public int EnsureCapacity(int capacity)
    {
        ref ArenaItems<T> items = ref _handle.Live;
        if (capacity < 0)
        {
            ThrowHelper.NegativeCapacity(capacity);
        }

        if (capacity > items.Capacity)
        {
            Grow(ref items, capacity - items.Count);
        }

        return items.Capacity;
    }

    /// <summary>Gives unused room back to the arena, if nothing was allocated behind it. For a list that is complete.</summary>
    public void TrimExcess() => _handle.Live.Trim(_handle.Arena, _handle.Lifetime);

    /// <summary>For <see langword="foreach"/>, by value or by reference, over the elements there are now.</summary>
    public Span<T>.Enumerator GetEnumerator() => Span.GetEnumerator();

    private void Grow(ref ArenaItems<T> items, int more)
    {
        items.Grow(_handle.Arena, _handle.Lifetime, more);
        _handle.TookMemory();
    }
}
