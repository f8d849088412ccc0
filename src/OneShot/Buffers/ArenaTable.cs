using System.Diagnostics;
using System.Numerics;

namespace OneShot.Buffers;

/// <summary>
/// A hash table in an arena: entries that lie close together, in the order in which they were added, and chains through them.
/// An entry that is removed leaves its place to the last one. It knows hashes; how keys compare is its user's to know.
/// All zero it is the empty table.
/// </summary>
internal unsafe struct ArenaTable<TKey, TValue> where TKey : unmanaged where TValue : unmanaged
{
    private const int FirstGrowth = 4;
    private const uint MostChains = 1u << 30;

    private UnsafeSlice<Entry> _entries;

    // Where chains begin: a power of two, chosen by the hash's upper bits. A link is one more than an entry's index; 0 is the end.
    private UnsafeSlice<int> _chains;
    private int _shift;
    private int _count;

    /// <summary>Changes with the keys: for those who run the application's code while they walk a chain.</summary>
    public int Version { get; private set; }

    public readonly int Count => _count;

    public readonly int Capacity => _entries.Length;

    public readonly Span<Entry> Entries => _entries.Span[.._count];

    /// <summary>The first entry whose hash may be this one; null if there is none.</summary>
    public readonly Entry* First(uint hash) => _chains.Length == 0 ? null : At(*ChainOf(hash));

    /// <summary>The next of the same chain; null if there is none.</summary>
    /// <param name="entry">An entry of the chain.</param>
    /// <param name="steps">How many there were before; 0 at first. No chain is longer than the table.</param>
    /// <exception cref="InvalidOperationException">Two threads have used the table at once: the chain has no end, or leads out of it.</exception>
    public readonly Entry* Next(Entry* entry, ref int steps)
    {
        if (++steps > _entries.Length)
        {
            ThrowHelper.CollectionShared();
        }

        return At(entry->Next);
    }

    /// <summary>Adds a key that is not there, with a value of zero. The caller guarantees that there is room.</summary>
    public Entry* Add(uint hash, TKey key)
    {
        Debug.Assert(_count < _entries.Length, "The caller has made room.");
        int* chain = ChainOf(hash);
        Entry* entry = _entries.Pointer + _count;
        *entry = new Entry { Hash = hash, Next = *chain, Key = key };
        *chain = ++_count;
        Version++;
        return entry;
    }

    /// <summary>Removes an entry of the table. The last one takes its place.</summary>
    public void Remove(Entry* entry)
    {
        if ((uint)(_count - 1) >= (uint)_entries.Length)
        {
            ThrowHelper.CollectionShared(); // an entry, and no count of it
        }

        Version++;
        *LinkTo(entry) = entry->Next;
        Entry* last = _entries.Pointer + --_count;
        if (entry != last)
        {
            *LinkTo(last) = LinkOf(entry);
            *entry = *last;
        }
    }

    /// <summary>Removes all entries and keeps the memory.</summary>
    public void Clear()
    {
        _chains.Span.Clear();
        _count = 0;
        Version++;
    }

    /// <summary>Makes room for at least <paramref name="needed"/> entries in all, which is more than there is. If that fails, nothing has changed.</summary>
    /// <exception cref="ArgumentOutOfRangeException">More entries than an array could have.</exception>
    /// <exception cref="ArenaExhaustedException">The process arena is full and its policy is not to fall back.</exception>
    public void Grow(Arena arena, long needed)
    {
        if (needed > Array.MaxLength)
        {
            ThrowHelper.BufferTooLong(needed);
        }

        int capacity = Math.Max((int)needed, Math.Max(FirstGrowth, (int)Math.Min(_entries.Length * 2L, Array.MaxLength)));
        int chains = (int)Math.Min(BitOperations.RoundUpToPowerOf2((uint)capacity), MostChains);
        int shift = 32 - BitOperations.Log2((uint)chains);
        Span<int> newChains = arena.Allocate<int>(chains);
        Span<Entry> newEntries = arena.Allocate<Entry>(capacity);

        newChains.Clear(); // zero, even where an earlier request has misused the arena: a link that nobody has made would be followed

        // The old ones stay as they are: a reference to a value goes on showing what it showed.
        Entries.CopyTo(newEntries);
        for (int index = 0; index < _count; index++)
        {
            ref Entry entry = ref newEntries[index];
            ref int chain = ref newChains[(int)(entry.Hash >> shift)];
            entry.Next = chain;
            chain = index + 1;
        }

        _entries = UnsafeSlice<Entry>.Of(newEntries);
        _chains = UnsafeSlice<int>.Of(newChains);
        _shift = shift;
        Version++;

        AssertValid();
    }

    /// <summary>Walks all of it.</summary>
    [Conditional("DEBUG")]
    public readonly void AssertValid()
    {
        Debug.Assert(_count >= 0 && _count <= _entries.Length, "The entries lie in the memory.");
        int linked = 0;
        foreach (int first in _chains.Span)
        {
            int steps = 0;
            for (Entry* entry = At(first); entry is not null; entry = Next(entry, ref steps))
            {
                Debug.Assert(LinkOf(entry) >= 1 && LinkOf(entry) <= _count, "A chain goes through entries that are there.");
                Debug.Assert(*ChainOf(entry->Hash) == first, "An entry is in the chain that its hash names.");
                linked++;
                Debug.Assert(linked <= _count, "A chain has an end.");
            }
        }

        Debug.Assert(linked == _count, "Every entry is in one chain.");
    }

    /// <summary>Links lie in memory that two threads can leave astray: what they lead to is in the table in any case.</summary>
    private readonly Entry* At(int link)
    {
        if ((uint)(link - 1) < (uint)_entries.Length)
        {
            return _entries.Pointer + (link - 1);
        }

        if (link != 0)
        {
            ThrowHelper.CollectionShared();
        }

        return null;
    }

    private readonly int LinkOf(Entry* entry) => (int)(entry - _entries.Pointer) + 1;

    private readonly int* ChainOf(uint hash) => _chains.Pointer + (hash >> _shift);

    /// <summary>What points at an entry: the beginning of its chain, or the entry before it.</summary>
    private readonly int* LinkTo(Entry* entry)
    {
        int wanted = LinkOf(entry);
        int* link = ChainOf(entry->Hash);
        for (int steps = 0; *link != wanted; steps++)
        {
            Entry* next = At(*link);
            if (next is null || steps > _entries.Length)
            {
                ThrowHelper.CollectionShared(); // every entry is in the chain that its hash names
            }

            link = &next->Next;
        }

        return link;
    }

    /// <summary>A key, its value, and the next of its chain.</summary>
    internal struct Entry
    {
        public uint Hash;
        public int Next;
        public TKey Key;
        public TValue Value;
    }
}
