using System.Diagnostics.CodeAnalysis;
using System.Numerics;
using OneShot.Buffers;

namespace OneShot.AspNetCore.Caching;

/// <summary>
/// A cache whose keys are spans of bytes, such as a token in a request's head: what is found costs no string and no managed byte. Bounded, expiring, and safe with keys that clients
/// choose.
/// </summary>
/// <remarks>
/// <para>Thread-safe. A value is given to all who ask, also at the same time: it must be safe to share.</para>
/// <para>
/// When it is full, who was not asked for since the clock hand last came by makes room (CLOCK, or second chance): what is never asked for again displaces nothing that
/// is asked for often. From a capacity of 128 on it is divided into parts by the keys' hash, each with a lock and a hand of its own, and full by itself.
/// </para>
/// <para>Keys are hashed with a random key of the cache (SipHash-1-3) and compared in full. A copy of each is kept, of at most <see cref="MaxKeyLength"/> bytes.</para>
/// </remarks>
public sealed class SpanCache<TValue>
{
    private const int MostShards = 16;
    private const int LeastOfShard = 64;
    private const int DefaultMaxKeyLength = 4096;

    private readonly SpanCacheShard<TValue>[] _shards;
    private readonly SipHash _hash = SipHash.CreateRandom();
    private readonly TimeProvider _time;
    private readonly TimeSpan _lifetime;

    /// <summary>An empty cache.</summary>
    /// <param name="capacity">The most entries it holds; room for them is taken now.</param>
    /// <param name="lifetime">How long an entry lives, unless <see cref="Set(ReadOnlySpan{byte}, TValue, DateTimeOffset)"/> says otherwise.</param>
    /// <param name="time">The clock; the system's by default. It is the wall clock that counts, since that is what tokens expire by.</param>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="capacity"/> is less than 1, or <paramref name="lifetime"/> is not positive.</exception>
    public SpanCache(int capacity, TimeSpan lifetime, TimeProvider? time = null)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(capacity, 1);
        ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(lifetime, TimeSpan.Zero);
        Capacity = capacity;
        _lifetime = lifetime;
        _time = time ?? TimeProvider.System;
        int count = (int)Math.Min(MostShards, BitOperations.RoundUpToPowerOf2((uint)(capacity / LeastOfShard) + 1) >> 1);
        _shards = new SpanCacheShard<TValue>[Math.Max(1, count)];
        for (int i = 0; i < _shards.Length; i++)
        {
            _shards[i] = new SpanCacheShard<TValue>((capacity / _shards.Length) + (i < capacity % _shards.Length ? 1 : 0));
        }
    }

    /// <summary>The most entries it holds.</summary>
    public int Capacity { get; }

    /// <summary>The longest key that is kept, in bytes. What is set for a longer one is not kept. 4096 unless it is set.</summary>
    /// <exception cref="ArgumentOutOfRangeException">Negative.</exception>
    public int MaxKeyLength
    {
        get;
        init
        {
            ArgumentOutOfRangeException.ThrowIfNegative(value);
            field = value;
        }
    } = DefaultMaxKeyLength;

    /// <summary>How many entries there are, those that have expired and were not found so yet included.</summary>
    public int Count
    {
        get
        {
            int count = 0;
            foreach (SpanCacheShard<TValue> shard in _shards)
            {
                count += shard.Count;
            }

            return count;
        }
    }

    /// <summary>Looks a key up.</summary>
    /// <param name="key">The key's bytes.</param>
    /// <param name="value">Its value.</param>
    /// <returns>Whether there is one that has not expired.</returns>
    public bool TryGetValue(ReadOnlySpan<byte> key, [MaybeNullWhen(false)] out TValue value)
    {
        if (key.Length > MaxKeyLength)
        {
            value = default;
            return false;
        }

        ulong hash = _hash.Of(key);
        return ShardOf(hash).TryGetValue(hash, key, Now, out value);
    }

    /// <summary>Keeps a value for the cache's lifetime, in place of one there is.</summary>
    /// <param name="key">The key's bytes, which are copied.</param>
    /// <param name="value">Its value.</param>
    public void Set(ReadOnlySpan<byte> key, TValue value) => Set(key, value, Now, long.MaxValue);

    /// <summary>Keeps a value for the cache's lifetime, at most until an instant, in place of one there is.</summary>
    /// <param name="key">The key's bytes, which are copied.</param>
    /// <param name="value">Its value.</param>
    /// <param name="expiresAt">When it is no longer to be found. In the past, nothing is kept, and what there was is gone.</param>
    public void Set(ReadOnlySpan<byte> key, TValue value, DateTimeOffset expiresAt) => Set(key, value, Now, expiresAt.UtcTicks);

    /// <summary>Forgets a key, such as a token that was revoked.</summary>
    /// <param name="key">The key's bytes.</param>
    /// <returns>Whether it was there, and had not expired.</returns>
    public bool Remove(ReadOnlySpan<byte> key)
    {
        ulong hash = _hash.Of(key);
        return ShardOf(hash).Remove(hash, key, Now);
    }

    /// <summary>Forgets all.</summary>
    public void Clear()
    {
        foreach (SpanCacheShard<TValue> shard in _shards)
        {
            shard.Clear();
        }
    }

    private long Now => _time.GetUtcNow().UtcTicks;

    private void Set(ReadOnlySpan<byte> key, TValue value, long now, long latest)
    {
        if (key.Length > MaxKeyLength)
        {
            return;
        }

        ulong hash = _hash.Of(key);
        long expiresAt = Math.Min(latest, _lifetime.Ticks < DateTimeOffset.MaxValue.Ticks - now ? now + _lifetime.Ticks : long.MaxValue);
        if (expiresAt <= now)
        {
            ShardOf(hash).Remove(hash, key, now);
            return;
        }

        ShardOf(hash).Set(hash, key, value, expiresAt, now);
    }

    // The buckets within a shard are by the low bits.
    private SpanCacheShard<TValue> ShardOf(ulong hash) => _shards[(int)((hash >> 48) & (uint)(_shards.Length - 1))];
}
