using System.Numerics;
using System.Runtime.Intrinsics;

namespace OneShot.Tests.Buffers;

public unsafe class ArenaDictionaryTests
{
    private const int Block = 4096;

    [Fact]
    public void Keys_are_found_changed_and_removed()
    {
        using ProcessArena process = Process();
        using Arena arena = process.CreateArena();
        ArenaDictionary<int, long> map = arena.CreateDictionary<int, long>();
        Assert.Equal((0, 0), (map.Count, map.Capacity));
        Assert.False(map.ContainsKey(1));
        map.Add(1, 10);
        Assert.True(map.TryAdd(2, 20));
        Assert.False(map.TryAdd(2, 21));
        map.Set(3, 30);
        map.Set(3, 31);
        map[1]++;
        map.GetOrAdd(4, out bool exists)++;
        Assert.False(exists);
        map.GetOrAdd(4, out exists) += 40;
        Assert.True(exists);
        Assert.Equal([(1, 11L), (2, 20L), (3, 31L), (4, 41L)], ToArray(map));
        Assert.True(map.TryGetValue(3, out long value));
        Assert.Equal(31, value);
        Assert.True(map.Remove(1, out value));
        Assert.Equal(11, value);
        Assert.False(map.Remove(1, out value));
        Assert.Equal(0, value);
        Assert.False(map.TryGetValue(1, out _));
        Assert.Equal([(4, 41L), (2, 20L), (3, 31L)], ToArray(map));
        foreach (ArenaDictionary<int, long>.Entry entry in map)
        {
            entry.Value = -entry.Key;
        }

        Assert.Equal([(4, -4L), (2, -2L), (3, -3L)], ToArray(map));
        map.Clear();
        Assert.Equal(0, map.Count);
        Assert.False(map.ContainsKey(2));
        Assert.Equal(0, map.GetOrAdd(2, out _));
        map.AssertValid();
    }

    [Fact]
    public void It_grows_and_shrinks_to_nothing_and_all_that_is_left_is_found()
    {
        using ProcessArena process = Process();
        using Arena arena = process.CreateArena();
        ArenaDictionary<int, int> map = arena.CreateDictionary<int, int>(3);
        for (int key = 0; key < 5000; key++)
        {
            map.Add(key * 1024, key);
        }

        map.AssertValid();
        for (int key = 0; key < 5000; key += 2)
        {
            Assert.True(map.Remove(key * 1024));
        }

        map.AssertValid();
        for (int key = 0; key < 5000; key++)
        {
            Assert.Equal(key % 2 == 1, map.TryGetValue(key * 1024, out int value));
            Assert.Equal(key % 2 == 1 ? key : 0, value);
        }

        for (int key = 4999; key > 0; key -= 2)
        {
            Assert.True(map.Remove(key * 1024));
        }

        Assert.Equal(0, map.Count);
        map.AssertValid();
    }

    [Fact]
    public void A_value_that_is_added_in_the_place_of_one_that_was_removed_begins_at_zero()
    {
        using ProcessArena process = Process();
        using Arena arena = process.CreateArena();
        ArenaDictionary<long, Guid> map = arena.CreateDictionary<long, Guid>();
        map.Add(1, Guid.NewGuid());
        map.Remove(1);
        Assert.Equal(Guid.Empty, map.GetOrAdd(2, out bool exists));
        Assert.False(exists);
    }

    [Fact]
    public void Copies_of_the_handle_are_the_same_dictionary()
    {
        using ProcessArena process = Process();
        using Arena arena = process.CreateArena();
        ArenaDictionary<Guid, int> map = arena.CreateDictionary<Guid, int>();
        ArenaDictionary<Guid, int> copy = map;
        var keys = new List<Guid>();
        for (int item = 0; item < 1000; item++)
        {
            keys.Add(Guid.NewGuid());
            (item % 2 == 0 ? map : copy).Add(keys[item], item);
        }

        Assert.Equal(1000, map.Count);
        Assert.All(keys, key => Assert.Equal(keys.IndexOf(key), copy[key]));
    }

    [Fact]
    public void Keys_of_every_kind_are_themselves()
    {
        using ProcessArena process = Process();
        using Arena arena = process.CreateArena();
        AssertTold(arena, [byte.MinValue, (byte)1, byte.MaxValue]);
        AssertTold(arena, ['a', 'b', '\uFFFF']);
        AssertTold(arena, [short.MinValue, (short)-1, (short)0]);
        AssertTold(arena, [long.MinValue, -1L, 0L, 1L << 32, 1L]);
        AssertTold(arena, [ulong.MaxValue, 0UL, 1UL << 63]);
        AssertTold(arena, [nint.MinValue, 0, nint.MaxValue]);
        AssertTold(arena, [Int128.MinValue, Int128.NegativeOne, Int128.MaxValue]);
        AssertTold(arena, [double.NaN, 1.5, double.NegativeInfinity]);
        AssertTold(arena, [new Point(1, 2), new Point(2, 1), default]);
        ArenaDictionary<double, int> zeros = arena.CreateDictionary<double, int>();
        zeros.Add(0.0, 1);
        Assert.Equal(1, zeros[-0.0]); // they are equal, and so are their hashes
    }

    // What differs in its bytes and not by its Equals.
    [Fact]
    public void Keys_that_are_equal_are_one_key_whatever_their_bytes()
    {
        AssertOneKey(0.0, -0.0);
        AssertOneKey(double.NaN, BitConverter.UInt64BitsToDouble(0x7FF8000000000001), BitConverter.UInt64BitsToDouble(0x7FF0000000000001), -double.NaN);
        AssertOneKey(0f, -0f);
        AssertOneKey(float.NaN, BitConverter.UInt32BitsToSingle(0x7FC00001), -float.NaN);
        AssertOneKey(Half.Zero, Half.NegativeZero);
        AssertOneKey(Half.NaN, BitConverter.UInt16BitsToHalf(0x7E01));
        AssertOneKey(1m, 1.0m, 1.00m);
        AssertOneKey(0m, -0.0m);
        AssertOneKey(new Complex(0.0, double.NaN), new Complex(-0.0, -double.NaN));
        var time = new DateTime(2020, 1, 2, 3, 4, 5, DateTimeKind.Unspecified);
        AssertOneKey(time, DateTime.SpecifyKind(time, DateTimeKind.Utc), DateTime.SpecifyKind(time, DateTimeKind.Local));
        AssertOneKey(new DateTimeOffset(time, TimeSpan.Zero), new DateTimeOffset(time, TimeSpan.Zero).ToOffset(TimeSpan.FromHours(2)));
        AssertOneKey(new Padded(1, -0.0), new Padded(1, 0.0));
        AssertOneKey(WithPadding(0x00), WithPadding(0xFF));
    }

    [Fact]
    public void Values_are_aligned_as_their_type_wants()
    {
        using ProcessArena process = Process();
        using Arena arena = process.CreateArena();
        arena.New(0L);
        ArenaDictionary<int, Vector256<int>> map = arena.CreateDictionary<int, Vector256<int>>();
        for (int key = 0; key < 50; key++)
        {
            map.Add(key, Vector256.Create(key));
        }

        for (int key = 0; key < 50; key++)
        {
            Assert.Equal(Vector256.Create(key), map[key]);
            fixed (Vector256<int>* pointer = &map[key])
            {
                Assert.Equal(0, (long)pointer % 32);
            }
        }
    }

    [Fact]
    public void Wrong_arguments_are_told_and_change_nothing()
    {
        using ProcessArena process = Process();
        using Arena arena = process.CreateArena();
        ArenaDictionary<int, int> map = arena.CreateDictionary<int, int>();
        map.Add(1, 10);
        Assert.Throws<ArgumentException>(() => map.Add(1, 11));
        Assert.Throws<KeyNotFoundException>(() => map[2]);
        Assert.Throws<ArgumentOutOfRangeException>(() => map.EnsureCapacity(-1));
        Assert.Throws<ArgumentOutOfRangeException>(() => map.EnsureCapacity(int.MaxValue));
        Assert.Throws<ArgumentOutOfRangeException>(() => { arena.CreateDictionary<int, int>(-1); });
        Assert.Throws<ArgumentOutOfRangeException>(() => { arena.CreateDictionary<int, int>(int.MaxValue); });
        Assert.Equal([(1, 10)], ToArray(map));
        Assert.InRange(map.EnsureCapacity(100), 100, 1000);
        Assert.Equal(map.Capacity, map.EnsureCapacity(5));
        Assert.Equal([(1, 10)], ToArray(map));
        ArenaDictionary<int, int> none = default;
        Assert.Throws<InvalidOperationException>(() => none.Count);
        Assert.Throws<InvalidOperationException>(() => none.Add(1, 1));
        Assert.Throws<InvalidOperationException>(() => none.ContainsKey(1));
    }

    [Theory]
    [InlineData(ArenaReclamation.Never)]
    [InlineData(ArenaReclamation.PerRequest)]
    [InlineData(ArenaReclamation.Generational)]
    public void A_dictionary_of_a_request_that_is_over_says_so(ArenaReclamation reclamation)
    {
        using ProcessArena process = Process(reclamation);
        using Arena arena = process.CreateArena();
        ArenaDictionary<int, int> map = arena.CreateDictionary<int, int>();
        map.Add(1, 1);
        arena.Reset();
        ArenaDictionary<int, int> other = arena.CreateDictionary<int, int>();
        other.Add(2, 2);
        AssertStale(map);
        Assert.Equal([(2, 2)], ToArray(other));
        arena.Dispose();
        AssertStale(other);
        Assert.Throws<ObjectDisposedException>(() => { arena.CreateDictionary<int, int>(); });
    }

    [Fact]
    public void A_dictionary_that_a_rewind_took_or_whose_entries_it_took_says_so()
    {
        using ProcessArena process = Process();
        using Arena arena = process.CreateArena();
        ArenaDictionary<int, int> kept = arena.CreateDictionary<int, int>(8);
        ArenaDictionary<int, int> grown = arena.CreateDictionary<int, int>(1);
        ArenaDictionary<int, int> created;
        using (arena.Mark())
        {
            created = arena.CreateDictionary<int, int>();
            kept.Add(1, 1);
            for (int key = 0; key <= 4; key++)
            {
                grown.Add(key, key);
            }
        }

        AssertStale(created);
        AssertStale(grown);
        Assert.Equal([(1, 1)], ToArray(kept));
    }

    [Fact]
    public void A_full_arena_refuses_and_the_dictionary_keeps_what_it_has()
    {
        using ProcessArena process = new(new() { Capacity = Block, BlockSize = Block, Exhaustion = ArenaExhaustion.Throw });
        using Arena arena = process.CreateArena();
        ArenaDictionary<int, int> map = arena.CreateDictionary<int, int>();
        map.Add(1, 1);
        Assert.Throws<ArenaExhaustedException>(() => map.EnsureCapacity(10_000));
        int added = 0;
        while (Record.Exception(() => map.Add(100 + added, added)) is null)
        {
            added++;
        }

        Assert.InRange(added, 50, 500);
        Assert.Equal(added + 1, map.Count);
        Assert.Equal(added - 1, map[99 + added]);
        map.AssertValid();
    }

    [Fact]
    public void Dictionaries_make_no_garbage()
    {
        using ProcessArena process = Process(ArenaReclamation.PerRequest);
        using Arena arena = process.CreateArena();
        Assert.Equal(0, Garbage.Of(() =>
        {
            ArenaDictionary<Point, Guid> map = arena.CreateDictionary<Point, Guid>();
            for (int key = 0; key < 500; key++)
            {
                map.Add(new Point(key, key), default);
            }

            foreach (ArenaDictionary<Point, Guid>.Entry entry in map)
            {
                map.TryGetValue(entry.Key, out _);
            }

            map.Remove(new Point(3, 3));
            arena.Reset();
        }));
    }

    private static void AssertTold<TKey>(Arena arena, TKey[] keys) where TKey : unmanaged, IEquatable<TKey>
    {
        ArenaDictionary<TKey, int> map = arena.CreateDictionary<TKey, int>();
        for (int index = 0; index < keys.Length; index++)
        {
            map.Add(keys[index], index);
        }

        Assert.All(keys, (key, index) => Assert.Equal(index, map[key]));
    }

    private static void AssertOneKey<TKey>(params TKey[] keys) where TKey : unmanaged, IEquatable<TKey>
    {
        using ProcessArena process = Process();
        using Arena arena = process.CreateArena();
        foreach (TKey first in keys)
        {
            ArenaDictionary<TKey, int> map = arena.CreateDictionary<TKey, int>();
            map.Add(first, 7);
            Assert.All(keys, key => Assert.Equal(7, map[key]));
            Assert.All(keys, key => Assert.False(map.TryAdd(key, 8)));
        }
    }

    /// <summary>A key whose seven bytes between its fields are these.</summary>
    private static Padded WithPadding(byte padding)
    {
        Padded key;
        new Span<byte>(&key, sizeof(Padded)).Fill(padding);
        *(byte*)&key = 5;
        *((double*)&key + 1) = 2.5;
        Assert.Equal(new Padded(5, 2.5), key);
        return key;
    }

    private static (TKey Key, TValue Value)[] ToArray<TKey, TValue>(ArenaDictionary<TKey, TValue> map)
        where TKey : unmanaged, IEquatable<TKey>
        where TValue : unmanaged
    {
        var entries = new List<(TKey, TValue)>();
        foreach (ArenaDictionary<TKey, TValue>.Entry entry in map)
        {
            entries.Add((entry.Key, entry.Value));
        }

        return [.. entries];
    }

    private static void AssertStale(ArenaDictionary<int, int> map)
    {
        Assert.Throws<ObjectDisposedException>(() => map.Count);
        Assert.Throws<ObjectDisposedException>(() => map.Capacity);
        Assert.Throws<ObjectDisposedException>(() => map[1]);
        Assert.Throws<ObjectDisposedException>(() => map.GetOrAdd(1, out _));
        Assert.Throws<ObjectDisposedException>(() => map.Add(9, 9));
        Assert.Throws<ObjectDisposedException>(() => map.TryAdd(9, 9));
        Assert.Throws<ObjectDisposedException>(() => map.Set(9, 9));
        Assert.Throws<ObjectDisposedException>(() => map.TryGetValue(1, out _));
        Assert.Throws<ObjectDisposedException>(() => map.ContainsKey(1));
        Assert.Throws<ObjectDisposedException>(() => map.Remove(1));
        Assert.Throws<ObjectDisposedException>(() => map.Remove(1, out _));
        Assert.Throws<ObjectDisposedException>(map.Clear);
        Assert.Throws<ObjectDisposedException>(() => map.EnsureCapacity(1));
        Assert.Throws<ObjectDisposedException>(() => { map.GetEnumerator(); });
    }

    private static ProcessArena Process(ArenaReclamation reclamation = ArenaReclamation.Never) =>
        new(new() { Capacity = 4 << 20, BlockSize = Block, Reclamation = reclamation });

    private readonly record struct Point(int X, int Y);

    private readonly record struct Padded(byte Small, double Large);
}
