using System.Diagnostics;
using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;
using OneShot.Buffers;

namespace OneShot;

/// <summary>
/// A dictionary in an arena: nothing of it on the GC heap. The value is a handle, copies of it are the same dictionary. For keys
/// of bytes there is <see cref="ArenaBytesDictionary{TValue}"/>.
/// </summary>
/// <remarks>
/// <para>When it is full it moves to memory twice as large, and the old stays behind until the request ends. Entries lie in the
/// order in which they were added, until one is removed: then the last takes its place.</para>
/// <para>Keys are the same if their <see cref="IEquatable{T}.Equals(T)"/> says so, whatever their bytes are: 0.0 and -0.0 are one key, so are times of different kinds.
/// A type of your own must override <see cref="object.GetHashCode"/> so that equal keys have equal hash codes; one that does not is boxed at each use, and
/// may not be found.</para>
/// <para>A key's own <see cref="IEquatable{T}.Equals(T)"/> that changes the dictionary is an <see cref="InvalidOperationException"/>; one that ends its request, an <see cref="ObjectDisposedException"/>.</para>
/// <para>Hashes are seeded anew in each process. Keys that are whole numbers, <see langword="double"/>, times or Guids cannot be chosen so that they
/// collide. Any other type, <see langword="decimal"/> and one of your own among them, is as safe from that as its <see cref="object.GetHashCode"/>.</para>
/// <para>Valid until the request of its arena ends, or a mark is rewound under which it was created or last took memory:
/// from then on every member throws <see cref="ObjectDisposedException"/>.</para>
/// <para>Not thread-safe, as its arena. Two threads in one are told, mostly, by an <see cref="InvalidOperationException"/>, and do not go round in circles.</para>
/// </remarks>
[SuppressMessage("Naming", "CA1711", Justification = "It is a dictionary; the interfaces that the rule asks for would box the handle.")]
public readonly unsafe struct ArenaDictionary<TKey, TValue> where TKey : unmanaged, IEquatable<TKey> where TValue : unmanaged
{
    private readonly ArenaHandle<ArenaTable<TKey, TValue>> _handle;

    internal ArenaDictionary(Arena arena, int capacity)
    {
        if (capacity < 0)
        {
            ThrowHelper.NegativeCapacity(capacity);
        }

        _handle = new ArenaHandle<ArenaTable<TKey, TValue>>(arena);
        if (capacity > 0)
        {
            _handle.Live.Grow(arena, capacity);
        }
    }

    /// <summary>How many keys there are.</summary>
    public int Count => _handle.Live.Count;

    /// <summary>How many keys there can be before the dictionary has to grow.</summary>
    public int Capacity => _handle.Live.Capacity;

    /// <summary>
    /// The value of a key, by reference. The reference is valid until the request ends; when the dictionary has grown since, or
    /// lost a key, it may be to memory that shows something else of it.
    /// </summary>
    /// <exception cref="KeyNotFoundException">There is no such key.</exception>
    public ref TValue this[TKey key]
    {
        get
        {
            ArenaTable<TKey, TValue>.Entry* entry = Find(key);
            if (entry is null)
            {
                ThrowHelper.KeyNotFound();
            }

            return ref entry->Value;
        }
    }

    /// <summary>The value of a key; a key that is not there is added, with a value of zero.</summary>
    /// <param name="key">The key.</param>
    /// <param name="exists">Whether it was there.</param>
    /// <returns>A reference, valid as that of the indexer is.</returns>
    /// <exception cref="ArgumentOutOfRangeException">More keys than an array could have elements.</exception>
    /// <exception cref="ArenaExhaustedException">The process arena is full and its policy is not to fall back.</exception>
    public ref TValue GetOrAdd(TKey key, out bool exists)
    {
        uint hash = KeyHash.Of(key); // first: it may be the application's code
        ref ArenaTable<TKey, TValue> table = ref _handle.Live;
        ArenaTable<TKey, TValue>.Entry* entry = Find(in table, hash, key);
        exists = entry is not null;
        if (!exists)
        {
            if (table.Count == table.Capacity)
            {
                Grow(ref table, table.Count + 1L);
            }

            entry = table.Add(hash, key);
        }

        return ref entry->Value;
    }

    /// <summary>Adds a key with its value.</summary>
    /// <exception cref="ArgumentException">The key is there.</exception>
    /// <exception cref="ArgumentOutOfRangeException">More keys than an array could have elements.</exception>
    /// <exception cref="ArenaExhaustedException">The process arena is full and its policy is not to fall back.</exception>
    public void Add(TKey key, TValue value)
    {
        if (!TryAdd(key, value))
        {
            ThrowHelper.KeyExists();
        }
    }

    /// <summary>Adds a key with its value, unless it is there.</summary>
    /// <returns>False if it is there: its value is as it was.</returns>
    /// <exception cref="ArgumentOutOfRangeException">More keys than an array could have elements.</exception>
    /// <exception cref="ArenaExhaustedException">The process arena is full and its policy is not to fall back.</exception>
    public bool TryAdd(TKey key, TValue value)
    {
        ref TValue place = ref GetOrAdd(key, out bool exists);
        if (!exists)
        {
            place = value;
        }

        return !exists;
    }

    /// <summary>Sets the value of a key, which is added if it is not there.</summary>
    /// <exception cref="ArgumentOutOfRangeException">More keys than an array could have elements.</exception>
    /// <exception cref="ArenaExhaustedException">The process arena is full and its policy is not to fall back.</exception>
    public void Set(TKey key, TValue value) => GetOrAdd(key, out _) = value;

    /// <summary>The value of a key, if it is there.</summary>
    public bool TryGetValue(TKey key, out TValue value)
    {
        ArenaTable<TKey, TValue>.Entry* entry = Find(key);
        value = entry is null ? default : entry->Value;
        return entry is not null;
    }

    /// <summary>Whether a key is there.</summary>
    public bool ContainsKey(TKey key) => Find(key) is not null;

    /// <summary>Removes a key. Its memory serves the next one that is added.</summary>
    /// <returns>False if it was not there.</returns>
    public bool Remove(TKey key) => Remove(key, out _);

    /// <summary>Removes a key. Its memory serves the next one that is added.</summary>
    /// <param name="key">The key.</param>
    /// <param name="value">The value it had.</param>
    /// <returns>False if it was not there.</returns>
    public bool Remove(TKey key, out TValue value)
    {
        uint hash = KeyHash.Of(key);
        ref ArenaTable<TKey, TValue> table = ref _handle.Live;
        ArenaTable<TKey, TValue>.Entry* entry = Find(in table, hash, key);
        if (entry is null)
        {
            value = default;
            return false;
        }

        value = entry->Value;
        table.Remove(entry);
        return true;
    }

    /// <summary>Removes all keys and keeps the memory.</summary>
    public void Clear() => _handle.Live.Clear();

    /// <summary>Makes room for at least <paramref name="capacity"/> keys in all.</summary>
    /// <returns>How many there is room for.</returns>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="capacity"/> is negative, or more than an array could have elements.</exception>
    /// <exception cref="ArenaExhaustedException">The process arena is full and its policy is not to fall back.</exception>
    public int EnsureCapacity(int capacity)
    {
        ref ArenaTable<TKey, TValue> table = ref _handle.Live;
        if (capacity < 0)
        {
            ThrowHelper.NegativeCapacity(capacity);
        }

        if (capacity > table.Capacity)
        {
            Grow(ref table, capacity);
        }

        return table.Capacity;
    }

    /// <summary>For <see langword="foreach"/>, over the keys there are now; none may be added or removed meanwhile.</summary>
    public Enumerator GetEnumerator() => new(_handle.Live.Entries);

    /// <summary>Walks all of it.</summary>
    [Conditional("DEBUG")]
    internal void AssertValid() => _handle.Live.AssertValid();

    private ArenaTable<TKey, TValue>.Entry* Find(TKey key)
    {
        uint hash = KeyHash.Of(key);
        return Find(in _handle.Live, hash, key);
    }

    private ArenaTable<TKey, TValue>.Entry* Find(in ArenaTable<TKey, TValue> table, uint hash, TKey key)
    {
        ArenaTable<TKey, TValue>.Entry* entry = table.First(hash);
        int steps = 0;
        while (entry is not null && (entry->Hash != hash || !AreEqual(in table, entry->Key, key)))
        {
            entry = table.Next(entry, ref steps);
        }

        return entry;
    }

    /// <summary>A key of a type of the application's compares by its code, which may end the request or use this dictionary: then nothing of it is touched any more.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private bool AreEqual(in ArenaTable<TKey, TValue> table, TKey own, TKey key)
    {
        if (typeof(TKey).IsPrimitive || !KeyCode<TKey>.IsForeign) // the former is known wherever it is compiled
        {
            return own.Equals(key);
        }

        int version = table.Version;
        bool areEqual = own.Equals(key);
        if (_handle.Live.Version != version)
        {
            ThrowHelper.ChangedByItsKey();
        }

        return areEqual;
    }

    private void Grow(ref ArenaTable<TKey, TValue> table, long needed)
    {
        table.Grow(_handle.Arena, needed);
        _handle.TookMemory();
    }

    /// <summary>A key and its value.</summary>
    public readonly ref struct Entry
    {
        private readonly ref ArenaTable<TKey, TValue>.Entry _entry;

        internal Entry(ref ArenaTable<TKey, TValue>.Entry entry) => _entry = ref entry;

        /// <summary>The key.</summary>
        public TKey Key => _entry.Key;

        /// <summary>Its value, by reference.</summary>
        public ref TValue Value => ref _entry.Value;
    }

    /// <summary>Goes over the keys that there were when it was made.</summary>
    public ref struct Enumerator
    {
        private readonly Span<ArenaTable<TKey, TValue>.Entry> _entries;
        private int _index = -1;

        internal Enumerator(Span<ArenaTable<TKey, TValue>.Entry> entries) => _entries = entries;

        /// <summary>The key that <see cref="MoveNext"/> has come to, with its value.</summary>
        public readonly Entry Current => new(ref _entries[_index]);

        /// <summary>Goes on to the next key.</summary>
        /// <returns>False if there is none.</returns>
        public bool MoveNext() => ++_index < _entries.Length;
    }
}
