using System.Diagnostics;
using System.Diagnostics.CodeAnalysis;
using OneShot.Buffers;

namespace OneShot;

/// <summary>
/// A queue in an arena, first in, first out: a ring in which nothing moves but where it begins and ends. The value is a handle,
/// copies of it are the same queue. Nothing of it is on the GC heap.
/// </summary>
/// <remarks>
/// <para>When it is full it grows to twice its size, in place while it is the newest in its block; otherwise the old memory stays behind.</para>
/// <para>Valid until the request of its arena ends, or a mark is rewound under which it was created or last took memory:
/// from then on every member throws <see cref="ObjectDisposedException"/>.</para>
/// <para>Not thread-safe, as its arena.</para>
/// </remarks>
[SuppressMessage("Naming", "CA1711", Justification = "It is a queue; the interfaces that the rule asks for would box the handle.")]
public readonly unsafe struct ArenaQueue<T> where T : unmanaged
{
    private const int FirstGrowth = 4;

    private readonly ArenaHandle<Ring> _handle;

    internal ArenaQueue(Arena arena, int capacity)
    {
        if (capacity < 0)
        {
            ThrowHelper.NegativeCapacity(capacity);
        }

        _handle = new ArenaHandle<Ring>(arena);
        if (capacity > 0)
        {
            _handle.Live.Items = arena.AllocateUnsafe<T>(capacity);
        }
    }

    /// <summary>How many elements there are.</summary>
    public int Count => _handle.Live.Count;

    /// <summary>How many elements there can be before the queue has to grow.</summary>
    public int Capacity => _handle.Live.Items.Length;

    /// <summary>
    /// The element at <paramref name="index"/>, counted from the oldest, by reference. The reference is valid until the request
    /// ends; when the queue has grown since, it may be to memory that the queue has left.
    /// </summary>
    /// <exception cref="ArgumentOutOfRangeException">There is no such element.</exception>
    public ref T this[int index]
    {
        get
        {
            ref Ring ring = ref _handle.Live;
            if ((uint)index >= (uint)ring.Count)
            {
                ThrowHelper.IndexOutOfRange(index, ring.Count);
            }

            return ref ring.Items.Pointer[ring.PlaceOf(index)];
        }
    }

    /// <summary>Adds an element behind all others.</summary>
    /// <exception cref="ArgumentOutOfRangeException">More elements than an array could have.</exception>
    /// <exception cref="ArenaExhaustedException">The process arena is full and its policy is not to fall back.</exception>
    public void Enqueue(T item)
    {
        ref Ring ring = ref _handle.Live;
        if (ring.Count == ring.Items.Length)
        {
            Grow(ref ring, (long)ring.Count + 1);
        }

        ring.Items.Pointer[ring.PlaceOf(ring.Count++)] = item;
    }

    /// <summary>Takes the oldest element out.</summary>
    /// <exception cref="InvalidOperationException">The queue is empty.</exception>
    public T Dequeue()
    {
        if (!TryDequeue(out T item))
        {
            ThrowHelper.QueueEmpty();
        }

        return item;
    }

    /// <summary>Takes the oldest element out, if there is one.</summary>
    public bool TryDequeue(out T item)
    {
        ref Ring ring = ref _handle.Live;
        if (ring.Count == 0)
        {
            item = default;
            return false;
        }

        item = ring.Items.Pointer[ring.Head];
        ring.Head = ring.PlaceOf(1);
        ring.Count--;
        return true;
    }

    /// <summary>The oldest element, which stays.</summary>
    /// <exception cref="InvalidOperationException">The queue is empty.</exception>
    public T Peek()
    {
        if (!TryPeek(out T item))
        {
            ThrowHelper.QueueEmpty();
        }

        return item;
    }

    /// <summary>The oldest element, which stays, if there is one.</summary>
    public bool TryPeek(out T item)
    {
        ref Ring ring = ref _handle.Live;
        item = ring.Count == 0 ? default : ring.Items.Pointer[ring.Head];
        return ring.Count > 0;
    }

    /// <summary>Removes all elements and keeps the memory.</summary>
    public void Clear()
    {
        ref Ring ring = ref _handle.Live;
        ring.Head = 0;
        ring.Count = 0;
    }

    /// <summary>Makes room for at least <paramref name="capacity"/> elements in all.</summary>
    /// <returns>How many there is room for.</returns>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="capacity"/> is negative, or more than an array could have.</exception>
    /// <exception cref="ArenaExhaustedException">The process arena is full and its policy is not to fall back.</exception>
    public int EnsureCapacity(int capacity)
    {
        ref Ring ring = ref _handle.Live;
        if (capacity < 0)
        {
            ThrowHelper.NegativeCapacity(capacity);
        }

        if (capacity > ring.Items.Length)
        {
            Grow(ref ring, capacity);
        }

        return ring.Items.Length;
    }

    /// <summary>Copies the elements, oldest first.</summary>
    /// <exception cref="ArgumentException"><paramref name="destination"/> is too short.</exception>
    public void CopyTo(Span<T> destination)
    {
        ref Ring ring = ref _handle.Live;
        if (destination.Length < ring.Count)
        {
            ThrowHelper.DestinationTooShort(destination.Length, ring.Count);
        }

        ring.First.CopyTo(destination);
        ring.Second.CopyTo(destination[ring.First.Length..]);
    }

    /// <summary>For <see langword="foreach"/>, by value or by reference, over the elements there are now, oldest first.</summary>
    public Enumerator GetEnumerator()
    {
        ref Ring ring = ref _handle.Live;
        return new Enumerator(ring.First, ring.Second);
    }

    private void Grow(ref Ring ring, long needed)
    {
        if (needed > Array.MaxLength)
        {
            ThrowHelper.BufferTooLong(needed);
        }

        ring.Grow(_handle.Arena, _handle.Lifetime, Math.Max((int)needed, FirstGrowth));
        _handle.TookMemory();
    }

    /// <summary>Goes over the elements that there were when it was made, oldest first.</summary>
    public ref struct Enumerator
    {
        private Span<T> _now;
        private Span<T> _then;
        private int _index;

        internal Enumerator(Span<T> first, Span<T> second)
        {
            _now = first;
            _then = second;
            _index = -1;
        }

        /// <summary>The element that <see cref="MoveNext"/> has come to.</summary>
        public readonly ref T Current => ref _now[_index];

        /// <summary>Goes on to the next element.</summary>
        /// <returns>False if there is none.</returns>
        public bool MoveNext()
        {
            if (++_index < _now.Length)
            {
                return true;
            }

            _now = _then;
            _then = default;
            _index = 0;
            return !_now.IsEmpty;
        }
    }

    /// <summary>In the arena: what all copies of the handle share.</summary>
    private struct Ring
    {
        public UnsafeSlice<T> Items;
        public int Head;
        public int Count;

        /// <summary>The elements up to the end of the memory.</summary>
        public readonly Span<T> First => Items.Span.Slice(Head, Math.Min(Count, Items.Length - Head));

        /// <summary>Those that go on at its beginning.</summary>
        public readonly Span<T> Second => Items.Span[..(Count - Math.Min(Count, Items.Length - Head))];

        /// <summary>Where the element lies, or the next one. Both numbers are below 2^31, so their sum does not wrap.</summary>
        public readonly int PlaceOf(int index)
        {
            uint place = (uint)Head + (uint)index;
            return (int)(place < (uint)Items.Length ? place : place - (uint)Items.Length);
        }

        public void Grow(Arena arena, in ArenaLifetime lifetime, int needed)
        {
            int before = Items.Length;
            bool isWrapped = Count > before - Head;
            arena.Grow(ref Items, Items.Span, needed, lifetime);
            if (isWrapped)
            {
                // What lay at the end of the memory lies at the end again; the gap is in the middle.
                Span<T> items = Items.Span;
                int head = items.Length - (before - Head);
                items[Head..before].CopyTo(items[head..]);
                Head = head;
            }

            AssertValid();
        }

        [Conditional("DEBUG")]
        private readonly void AssertValid()
        {
            Debug.Assert(Count >= 0 && Count <= Items.Length, "The elements fit the memory.");
            Debug.Assert(Head >= 0 && (Head < Items.Length || (Head == 0 && Items.Length == 0)), "The oldest lies in it.");
        }
    }
}
