using OneShot.Buffers;

namespace OneShot;

/// <summary>
/// A list in an arena: nothing of it on the GC heap. The value is a handle, copies of it are the same list. It grows in
/// place while it is the newest in its block; otherwise it moves to memory twice as large, and the old stays behind.
/// </summary>
/// <remarks>
/// <para>Valid until the request of its arena ends, or a mark is rewound under which it was created or last took memory:
/// from then on every member throws <see cref="ObjectDisposedException"/>.</para>
/// <para>Not thread-safe, as its arena.</para>
/// </remarks>
public readonly unsafe struct ArenaList<T> where T : unmanaged
{
    private const int FirstGrowth = 4;

    private readonly Arena? _arena;
    private readonly State* _state;
    private readonly ArenaLifetime _lifetime;

    internal ArenaList(Arena arena, int capacity)
    {
        if (capacity < 0)
        {
            ThrowHelper.NegativeCapacity(capacity);
        }

        _arena = arena;
        _state = arena.AllocateUnsafe<State>(1).Pointer;
        _lifetime = arena.Lifetime;
        *_state = new State { Items = capacity == 0 ? default : arena.AllocateUnsafe<T>(capacity), Lifetime = _lifetime };
    }

    /// <summary>How many elements there are.</summary>
    public int Count => Live.Count;

    /// <summary>How many elements there can be before the list has to grow.</summary>
    public int Capacity => Live.Items.Length;

    /// <summary>
    /// The elements. Valid until the request ends; after the list has grown it may show the elements as they were before,
    /// in the memory the list has left.
    /// </summary>
    public Span<T> Span
    {
        get
        {
            ref State state = ref Live;
            return state.Items.Span[..state.Count];
        }
    }

    private ref State Live
    {
        get
        {
            if (_arena is null)
            {
                ThrowHelper.ListWithoutArena();
            }

            _arena!.ThrowIfOver(_lifetime);
            _arena.ThrowIfOver(_state->Lifetime);
            return ref *_state;
        }
    }

    /// <summary>The element at <paramref name="index"/>, by reference; the reference is valid as <see cref="Span"/> is.</summary>
    /// <exception cref="ArgumentOutOfRangeException">There is no such element.</exception>
    public ref T this[int index]
    {
        get
        {
            ref State state = ref Live;
            if ((uint)index >= (uint)state.Count)
            {
                ThrowHelper.IndexOutOfRange(index, state.Count);
            }

            return ref state.Items.Pointer[index];
        }
    }

    /// <summary>Adds an element at the end.</summary>
    /// <exception cref="ArgumentOutOfRangeException">More elements than an array could have.</exception>
    /// <exception cref="ArenaExhaustedException">The process arena is full and its policy is not to fall back.</exception>
    public void Add(T item)
    {
        ref State state = ref Live;
        if (state.Count == state.Items.Length)
        {
            Grow(ref state, 1);
        }

        state.Items.Pointer[state.Count++] = item;
    }

    /// <summary>Adds elements at the end, in order. They may be the list's own.</summary>
    /// <exception cref="ArgumentOutOfRangeException">More elements than an array could have.</exception>
    /// <exception cref="ArenaExhaustedException">The process arena is full and its policy is not to fall back.</exception>
    public void AddRange(ReadOnlySpan<T> items)
    {
        ref State state = ref Live;
        if (items.Length > state.Items.Length - state.Count)
        {
            Grow(ref state, items.Length);
        }

        items.CopyTo(state.Items.Span[state.Count..]);
        state.Count += items.Length;
    }

    /// <summary>Inserts an element before the one at <paramref name="index"/>, or at the end.</summary>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="index"/> is negative or beyond the end, or more elements than an array could have.</exception>
    /// <exception cref="ArenaExhaustedException">The process arena is full and its policy is not to fall back.</exception>
    public void Insert(int index, T item)
    {
        ref State state = ref Live;
        if ((uint)index > (uint)state.Count)
        {
            ThrowHelper.IndexOutOfRange(index, state.Count);
        }

        if (state.Count == state.Items.Length)
        {
            Grow(ref state, 1);
        }

        Span<T> items = state.Items.Span;
        items[index..state.Count].CopyTo(items[(index + 1)..]);
        items[index] = item;
        state.Count++;
    }

    /// <summary>Removes the element at <paramref name="index"/>; those behind it move up.</summary>
    /// <exception cref="ArgumentOutOfRangeException">There is no such element.</exception>
    public void RemoveAt(int index)
    {
        ref State state = ref Live;
        if ((uint)index >= (uint)state.Count)
        {
            ThrowHelper.IndexOutOfRange(index, state.Count);
        }

        Span<T> items = state.Items.Span[..state.Count];
        items[(index + 1)..].CopyTo(items[index..]);
        state.Count--;
    }

    /// <summary>Removes all elements and keeps the memory.</summary>
    public void Clear() => Live.Count = 0;

    /// <summary>Makes room for at least <paramref name="capacity"/> elements in all.</summary>
    /// <returns>How many there is room for.</returns>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="capacity"/> is negative, or more than an array could have.</exception>
    /// <exception cref="ArenaExhaustedException">The process arena is full and its policy is not to fall back.</exception>
    public int EnsureCapacity(int capacity)
    {
        ref State state = ref Live;
        if (capacity < 0)
        {
            ThrowHelper.NegativeCapacity(capacity);
        }

        if (capacity > state.Items.Length)
        {
            Grow(ref state, capacity - state.Count);
        }

        return state.Items.Length;
    }

    /// <summary>Gives unused room back to the arena, if nothing was allocated behind it. For a list that is complete.</summary>
    public void TrimExcess()
    {
        ref State state = ref Live;
        if (state.Count < state.Items.Length)
        {
            _arena!.TryResize(ref state.Items, state.Count);
        }
    }

    /// <summary>For <see langword="foreach"/>, by value or by reference, over the elements there are now.</summary>
    public Span<T>.Enumerator GetEnumerator() => Span.GetEnumerator();

    private void Grow(ref State state, int more)
    {
        long needed = (long)state.Count + more;
        if (needed > Array.MaxLength)
        {
            ThrowHelper.BufferTooLong(needed);
        }

        _arena!.Grow(ref state.Items, state.Count, Math.Max((int)needed, FirstGrowth));
        state.Lifetime = _arena.Lifetime;
    }

    /// <summary>In the arena, in front of the first elements: what all copies of the handle share.</summary>
    private struct State
    {
        public UnsafeSlice<T> Items;
        public int Count;
        public ArenaLifetime Lifetime;
    }
}
