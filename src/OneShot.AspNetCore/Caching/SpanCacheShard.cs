using System.Diagnostics;
using System.Diagnostics.CodeAnalysis;
using System.Numerics;

namespace OneShot.AspNetCore.Caching;

/// <summary>A part of a <see cref="SpanCache{TValue}"/>: a hash table of chains in arrays that never grow, and a clock hand that says who goes when it is full.</summary>
/// <remarks>Thread-safe: one lock around each call, and no code of others inside it.</remarks>
internal sealed class SpanCacheShard<TValue>
{
    private const int None = -1;

    private readonly Lock _lock = new();
    private readonly int[] _buckets;
    private readonly Entry[] _entries;
    private int _count;
    private int _taken; // entries from here on were never used
    private int _free = None; // the first of those that were given back
    private int _hand;

    public SpanCacheShard(int capacity)
    {
        _entries = new Entry[capacity];
        _buckets = new int[BitOperations.RoundUpToPowerOf2((uint)capacity)];
        Array.Fill(_buckets, None);
    }

    public int Count
    {
        get
        {
            lock (_lock)
            {
                return _count;
            }
        }
    }

    public bool TryGetValue(ulong hash, ReadOnlySpan<byte> key, long now, [MaybeNullWhen(false)] out TValue value)
    {
        lock (_lock)
        {
            int index = Find(hash, key);
            if (index >= 0)
            {
                ref Entry entry = ref _entries[index];
                if (entry.ExpiresAt > now)
                {
                    entry.IsRecent = true;
                    value = entry.Value!;
                    return true;
                }

                Remove(index);
            }
        }

        value = default;
        return false;
    }

    public void Set(ulong hash, ReadOnlySpan<byte> key, TValue value, long expiresAt, long now)
    {
        lock (_lock)
        {
            int index = Find(hash, key);
            if (index < 0)
            {
                byte[] copy = key.ToArray(); // before anything changes: there may be no memory for it
                index = TakeEntry(now);
                Link(index, hash, copy);
            }

            _entries[index].Value = value;
            _entries[index].ExpiresAt = expiresAt;
            AssertValid();
        }
    }

    public bool Remove(ulong hash, ReadOnlySpan<byte> key, long now)
    {
        lock (_lock)
        {
            int index = Find(hash, key);
            if (index < 0)
            {
                return false;
            }

            bool isAlive = _entries[index].ExpiresAt > now;
            Remove(index);
            AssertValid();
            return isAlive;
        }
    }

    public void Clear()
    {
        lock (_lock)
        {
            Array.Clear(_entries);
            Array.Fill(_buckets, None);
            _count = 0;
            _taken = 0;
            _free = None;
            _hand = 0;
        }
    }

    private int Find(ulong hash, ReadOnlySpan<byte> key)
    {
        int index = BucketOf(hash);
        while (index >= 0)
        {
            ref Entry entry = ref _entries[index];
            if (entry.Hash == hash && key.SequenceEqual(entry.Key))
            {
                return index;
            }

            index = entry.Next;
        }

        return None;
    }

    private ref int BucketOf(ulong hash) => ref _buckets[(int)((uint)hash & (uint)(_buckets.Length - 1))];

    private void Link(int index, ulong hash, byte[] key)
    {
        ref int first = ref BucketOf(hash);
        ref Entry entry = ref _entries[index];
        entry.Hash = hash;
        entry.Key = key;
        entry.IsRecent = false; // what is never asked for again goes first
        entry.Next = first;
        first = index;
        _count++;
    }

    /// <summary>An entry that is in no chain: a free one, or that of whom the clock hand finds expired, or not asked for since it last came by.</summary>
    private int TakeEntry(long now)
    {
        if (_free >= 0)
        {
            int free = _free;
            _free = _entries[free].Next;
            return free;
        }

        if (_taken < _entries.Length)
        {
            return _taken++;
        }

        while (true)
        {
            int index = _hand;
            _hand = index + 1 == _entries.Length ? 0 : index + 1;
            ref Entry entry = ref _entries[index];
            if (entry.IsRecent && entry.ExpiresAt > now)
            {
                entry.IsRecent = false; // its second chance
                continue;
            }

            Remove(index);
            _free = _entries[index].Next;
            return index;
        }
    }

    private void Remove(int index)
    {
        ref Entry entry = ref _entries[index];
        ref int link = ref BucketOf(entry.Hash);
        while (link != index)
        {
            link = ref _entries[link].Next;
        }

        link = entry.Next;
        entry = new Entry { Next = _free };
        _free = index;
        _count--;
    }

    [Conditional("DEBUG")]
    private void AssertValid()
    {
        Debug.Assert(_count >= 0 && _count <= _taken && _taken <= _entries.Length);
        Debug.Assert(_hand >= 0 && _hand < _entries.Length);
    }

    private struct Entry
    {
        public ulong Hash;
        public byte[]? Key;
        public TValue? Value;
        public long ExpiresAt;
        public int Next;
        public bool IsRecent;
    }
}
