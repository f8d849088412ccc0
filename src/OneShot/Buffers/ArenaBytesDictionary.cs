using System.Diagnostics;
using System.Diagnostics.CodeAnalysis;
using OneShot.Buffers;

namespace OneShot;

/// <summary>
/// A dictionary in an arena whose keys are bytes: UTF-8, names, tokens. What is added is copied into the arena; nothing is on
/// the GC heap. The value is a handle, copies of it are the same dictionary.
/// </summary>
/// <remarks>
/// <para>Keys are the same if their bytes are. Their hash is SipHash under a key that each process draws anew, so that keys of an
/// attacker's choice cannot be made to collide.</para>
/// <para>When it is full it moves to memory twice as large, and the old stays behind until the request ends, as the bytes of keys do
/// that are removed. Entries lie in the order in which they were added, until one is removed: then the last takes its place.</para>
/// <para>Valid until the request of its arena ends, or a mark is rewound under which it was created or a key was added:
/// from then on every member throws <see cref="ObjectDisposedException"/>.</para>
/// <para>Not thread-safe, as its arena.</para>
/// </remarks>
[SuppressMessage("Naming", "CA1711", Justification = "It is a dictionary; the interfaces that the rule asks for would box the handle.")]
public readonly unsafe struct ArenaBytesDictionary<TValue> where TValue : unmanaged
{
    private readonly ArenaHandle<ArenaTable<UnsafeSlice<byte>, TValue>> _handle;

    internal ArenaBytesDictionary(Arena arena, int capacity)
    {
        if (capacity < 0)
        {
            ThrowHelper.NegativeCapacity(capacity);
        }

        _handle = new ArenaHandle<ArenaTable<UnsafeSlice<byte>, TValue>>(arena);
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
    public ref TValue this[scoped ReadOnlySpan<byte> key]
    {
        get
        {
            ArenaTable<UnsafeSlice<byte>, TValue>.Entry* entry = Find(in _handle.Live, KeyHash.Of(key), key);
            if (entry is null)
            {
                ThrowHelper.KeyNotFound();
            }

            return ref entry->Value;
        }
    }

    /// <summary>The value of a key; a key that is not there is copied and added, with a value of zero.</summary>
    /// <param name="key">The key.</param>
    /// <param name="exists">Whether it was there.</param>
    /// <returns>A reference, valid as that of the indexer is.</returns>
    /// <exception cref="ArgumentOutOfRangeException">More keys than an array could have elements.</exception>
    /// <exception cref="ArenaExhaustedException">The process arena is full and its policy is not to fall back.</exception>
    public ref TValue GetOrAdd(scoped ReadOnlySpan<byte> key, out bool exists)
    {
        ref ArenaTable<UnsafeSlice<byte>, TValue> table = ref _handle.Live;
        uint hash = KeyHash.Of(key);
        ArenaTable<UnsafeSlice<byte>, TValue>.Entry* entry = Find(in table, hash, key);
        exists = entry is not null;
        if (!exists)
        {
            entry = AddCopy(ref table, hash, key);
        }

        return ref entry->Value;
    }

    /// <summary>Adds a copy of a key, with its value.</summary>
    /// <exception cref="ArgumentException">The key is there.</exception>
    /// <exception cref="ArgumentOutOfRangeException">More keys than an array could have elements.</exception>
    /// <exception cref="ArenaExhaustedException">The process arena is full and its policy is not to fall back.</exception>
    public void Add(ReadOnlySpan<byte> key, TValue value)
    {
        if (!TryAdd(key, value))
        {
            ThrowHelper.KeyExists();
        }
    }

    /// <summary>Adds a copy of a key, with its value, unless the key is there.</summary>
    /// <returns>False if it is there: its value is as it was.</returns>
    /// <exception cref="ArgumentOutOfRangeException">More keys than an array could have elements.</exception>
    /// <exception cref="ArenaExhaustedException">The process arena is full and its policy is not to fall back.</exception>
    public bool TryAdd(ReadOnlySpan<byte> key, TValue value)
    {
        ref TValue place = ref GetOrAdd(key, out bool exists);
        if (!exists)
        {
            place = value;
        }

        return !exists;
    }

    /// <summary>Sets the value of a key, of which a copy is added if it is not there.</summary>
    /// <exception cref="ArgumentOutOfRangeException">More keys than an array could have elements.</exception>
    /// <exception cref="ArenaExhaustedException">The process arena is full and its policy is not to fall back.</exception>
    public void Set(ReadOnlySpan<byte> key, TValue value) => GetOrAdd(key, out _) = value;

    /// <summary>The value of a key, if it is there.</summary>
    public bool TryGetValue(ReadOnlySpan<byte> key, out TValue value)
    {
        ArenaTable<UnsafeSlice<byte>, TValue>.Entry* entry = Find(in _handle.Live, KeyHash.Of(key), key);
        value = entry is null ? default : entry->Value;
        return entry is not null;
    }

    /// <summary>Whether a key is there.</summary>
    public bool ContainsKey(ReadOnlySpan<byte> key) => Find(in _handle.Live, KeyHash.Of(key), key) is not null;

    /// <summary>Removes a key. Its bytes stay behind until the request ends.</summary>
    /// <returns>False if it was not there.</returns>
    public bool Remove(ReadOnlySpan<byte> key) => Remove(key, out _);

    /// <summary>Removes a key. Its bytes stay behind until the request ends.</summary>
    /// <param name="key">The key.</param>
    /// <param name="value">The value it had.</param>
    /// <returns>False if it was not there.</returns>
    public bool Remove(ReadOnlySpan<byte> key, out TValue value)
    {
        ref ArenaTable<UnsafeSlice<byte>, TValue> table = ref _handle.Live;
        ArenaTable<UnsafeSlice<byte>, TValue>.Entry* entry = Find(in table, KeyHash.Of(key), key);
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

    /// <summary>Makes room for at least <paramref name="capacity"/> keys in all; the bytes of keys come to that.</summary>
    /// <returns>How many there is room for.</returns>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="capacity"/> is negative, or more than an array could have elements.</exception>
    /// <exception cref="ArenaExhaustedException">The process arena is full and its policy is not to fall back.</exception>
    public int EnsureCapacity(int capacity)
    {
        ref ArenaTable<UnsafeSlice<byte>, TValue> table = ref _handle.Live;
        if (capacity < 0)
        {
            ThrowHelper.NegativeCapacity(capacity);
        }

        if (capacity > table.Capacity)
        {
            table.Grow(_handle.Arena, capacity);
            _handle.TookMemory();
        }

        return table.Capacity;
    }

    /// <summary>For <see langword="foreach"/>, over the keys there are now; none may be added or removed meanwhile.</summary>
    public Enumerator GetEnumerator() => new(_handle, _handle.Live.Entries);

    /// <summary>Walks all of it.</summary>
    [Conditional("DEBUG")]
    internal void AssertValid() => _handle.Live.AssertValid();

    private static ArenaTable<UnsafeSlice<byte>, TValue>.Entry* Find(in ArenaTable<UnsafeSlice<byte>, TValue> table, uint hash, ReadOnlySpan<byte> key)
    {
        ArenaTable<UnsafeSlice<byte>, TValue>.Entry* entry = table.First(hash);
        int steps = 0;
        while (entry is not null && (entry->Hash != hash || !entry->Key.Span.SequenceEqual(key)))
        {
            entry = table.Next(entry, ref steps);
        }

        return entry;
    }

    /// <summary>If there is no memory for it, the dictionary is as it was.</summary>
    private ArenaTable<UnsafeSlice<byte>, TValue>.Entry* AddCopy(ref ArenaTable<UnsafeSlice<byte>, TValue> table, uint hash, ReadOnlySpan<byte> key)
    {
        // The copy first: what grows before it and then has no key would be the mark's memory, without saying so.
        Span<byte> copy = _handle.Arena.Copy(key);
        if (table.Count == table.Capacity)
        {
            table.Grow(_handle.Arena, table.Count + 1L);
        }

        _handle.TookMemory();
        return table.Add(hash, UnsafeSlice<byte>.Of(copy));
    }

    /// <summary>A key and its value.</summary>
    public readonly ref struct Entry
    {
        private readonly ArenaHandle<ArenaTable<UnsafeSlice<byte>, TValue>> _handle;
        private readonly ref ArenaTable<UnsafeSlice<byte>, TValue>.Entry _entry;

        internal Entry(ArenaHandle<ArenaTable<UnsafeSlice<byte>, TValue>> handle, ref ArenaTable<UnsafeSlice<byte>, TValue>.Entry entry)
        {
            _handle = handle;
            _entry = ref entry;
        }

        /// <summary>The key. Its bytes are the dictionary's, valid until the request ends.</summary>
        /// <exception cref="ObjectDisposedException">The request is over, or a mark was rewound that took the dictionary's memory.</exception>
        public ReadOnlySpan<byte> Key
        {
            get
            {
                UnsafeSlice<byte> key = _entry.Key;
                _ = _handle.Live; // behind it: what lies there may be somebody else's by now, and no address
                ReadOnlySpan<byte> bytes = key.Tracked;
                _ = _handle.Live;
                return bytes;
            }
        }

        /// <summary>Its value, by reference.</summary>
        public ref TValue Value => ref _entry.Value;
    }

    /// <summary>Goes over the keys that there were when it was made.</summary>
    public ref struct Enumerator
    {
        private readonly ArenaHandle<ArenaTable<UnsafeSlice<byte>, TValue>> _handle;
        private readonly Span<ArenaTable<UnsafeSlice<byte>, TValue>.Entry> _entries;
        private int _index = -1;

        internal Enumerator(ArenaHandle<ArenaTable<UnsafeSlice<byte>, TValue>> handle, Span<ArenaTable<UnsafeSlice<byte>, TValue>.Entry> entries)
        {
            _handle = handle;
            _entries = entries;
        }

        /// <summary>The key that <see cref="MoveNext"/> has come to, with its value.</summary>
        public readonly Entry Current => new(_handle, ref _entries[_index]);

        /// <summary>Goes on to the next key.</summary>
        /// <returns>False if there is none.</returns>
        public bool MoveNext() => ++_index < _entries.Length;
    }
}
