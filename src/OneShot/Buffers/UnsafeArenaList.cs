using System.Runtime.CompilerServices;
using OneShot.Buffers;

namespace OneShot;

/// <summary>
/// A list in an arena that is unmanaged itself, eight bytes, so that it can be an element: of another list, of a dictionary, of a
/// structure. The default value is the empty list, as which every element begins; it takes memory at its first <see cref="Add"/>.
/// From then on copies of it are the same list.
/// </summary>
/// <remarks>
/// <para>It knows nothing of its arena's life and checks nothing. The caller guarantees that it</para>
/// <list type="bullet">
/// <item>is not used once its request is over, or a mark was rewound under which it was created or last took memory;</item>
/// <item>is given the same arena at every call;</item>
/// <item>gets its first element where it lies (<c>ref</c>), not in a copy: two copies of the default value are two lists.</item>
/// </list>
/// <para>Not thread-safe, as its arena.</para>
/// </remarks>
public unsafe struct UnsafeArenaList<T> where T : unmanaged
{
    private ArenaItems<T>* _items;

    /// <summary>Whether this is the default value, which has taken no memory.</summary>
    public readonly bool IsDefault => _items is null;

    /// <summary>How many elements there are.</summary>
    public readonly int Count => _items is null ? 0 : _items->Count;

    /// <summary>How many elements there can be before the list has to grow.</summary>
    public readonly int Capacity => _items is null ? 0 : _items->Capacity;

    /// <summary>The elements. After the list has grown it may show them as they were before, in the memory the list has left.</summary>
    public readonly Span<T> Span => _items is null ? default : _items->Span;

    /// <summary>The element at <paramref name="index"/>, by reference; the reference is valid as <see cref="Span"/> is.</summary>
    /// <exception cref="ArgumentOutOfRangeException">There is no such element.</exception>
    public readonly ref T this[int index]
    {
        get
        {
            if (_items is null)
            {
                ThrowHelper.IndexOutOfRange(index, 0);
            }

            return ref (*_items)[index];
        }
    }

    /// <summary>Adds an element at the end.</summary>
    /// <param name="arena">The arena of the list: the same at every call.</param>
    /// <param name="item">The element.</param>
    /// <exception cref="ArgumentOutOfRangeException">More elements than an array could have.</exception>
    /// <exception cref="ArenaExhaustedException">The process arena is full and its policy is not to fall back.</exception>
    /// <exception cref="ObjectDisposedException">The list has to grow, and the request is over.</exception>
    public void Add(RequestArena arena, T item)
    {
        if (_items is null || _items->Count == _items->Capacity)
        {
            Grow(arena.Live, 1);
        }

        _items->Add(item);
    }

    /// <summary>Adds elements at the end, in order. They may be the list's own.</summary>
    /// <param name="arena">The arena of the list: the same at every call.</param>
    /// <param name="items">The elements.</param>
    /// <exception cref="ArgumentOutOfRangeException">More elements than an array could have.</exception>
    /// <exception cref="ArenaExhaustedException">The process arena is full and its policy is not to fall back.</exception>
    /// <exception cref="ObjectDisposedException">The list has to grow, and the request is over.</exception>
    public void AddRange(RequestArena arena, ReadOnlySpan<T> items)
    {
        if (items.IsEmpty)
        {
            return;
        }

        if (_items is null || items.Length > _items->Capacity - _items->Count)
        {
            Grow(arena.Live, items.Length);
        }

        _items->AddRange(items);
    }

    /// <summary>Inserts an element before the one at <paramref name="index"/>, or at the end.</summary>
    /// <param name="arena">The arena of the list: the same at every call.</param>
    /// <param name="index">Where.</param>
    /// <param name="item">The element.</param>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="index"/> is negative or beyond the end, or more elements than an array could have.</exception>
    /// <exception cref="ArenaExhaustedException">The process arena is full and its policy is not to fall back.</exception>
    /// <exception cref="ObjectDisposedException">The list has to grow, and the request is over.</exception>
    public void Insert(RequestArena arena, int index, T item)
    {
        if ((uint)index > (uint)Count)
        {
            ThrowHelper.IndexOutOfRange(index, Count);
        }

        if (_items is null || _items->Count == _items->Capacity)
        {
            Grow(arena.Live, 1);
        }

        _items->Insert(index, item);
    }

    /// <summary>Removes the element at <paramref name="index"/>; those behind it move up.</summary>
    /// <exception cref="ArgumentOutOfRangeException">There is no such element.</exception>
    public readonly void RemoveAt(int index)
    {
        if (_items is null)
        {
            ThrowHelper.IndexOutOfRange(index, 0);
        }

        _items->RemoveAt(index);
    }

    /// <summary>Removes all elements and keeps the memory.</summary>
    public readonly void Clear()
    {
        if (_items is not null)
        {
            _items->Clear();
        }
    }

    /// <summary>Makes room for at least <paramref name="capacity"/> elements in all.</summary>
    /// <param name="arena">The arena of the list: the same at every call.</param>
    /// <param name="capacity">How many.</param>
    /// <returns>How many there is room for.</returns>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="capacity"/> is negative, or more than an array could have.</exception>
    /// <exception cref="ArenaExhaustedException">The process arena is full and its policy is not to fall back.</exception>
    /// <exception cref="ObjectDisposedException">The list has to grow, and the request is over.</exception>
    public int EnsureCapacity(RequestArena arena, int capacity)
    {
        if (capacity < 0)
        {
            ThrowHelper.NegativeCapacity(capacity);
        }

        if (capacity > Capacity)
        {
            Grow(arena.Live, capacity - Count);
        }

        return Capacity;
    }

    /// <summary>For <see langword="foreach"/>, by value or by reference, over the elements there are now.</summary>
    public readonly Span<T>.Enumerator GetEnumerator() => Span.GetEnumerator();

    /// <summary>If there is no memory for it, the list is as it was, but for a place to lie in.</summary>
    private void Grow(Arena arena, int more)
    {
        if (_items is null)
        {
            ref ArenaItems<T> items = ref arena.New(default(ArenaItems<T>)); // zero, even where an earlier request has misused the arena
            _items = (ArenaItems<T>*)Unsafe.AsPointer(ref items);
        }

        _items->Grow(arena, arena.Lifetime, more);
    }
}
