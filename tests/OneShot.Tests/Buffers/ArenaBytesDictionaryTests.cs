using System.Text;

namespace OneShot.Tests.Buffers;

public class ArenaBytesDictionaryTests
{
    private const int Block = 4096;

    [Fact]
    public void Keys_are_found_changed_and_removed()
    {
        using ProcessArena process = Process();
        using Arena arena = process.CreateArena();
        ArenaBytesDictionary<int> map = arena.CreateBytesDictionary<int>();
        Assert.Equal((0, 0), (map.Count, map.Capacity));
        map.Add("one"u8, 1);
        Assert.True(map.TryAdd("two"u8, 2));
        Assert.False(map.TryAdd("two"u8, 3));
        map.Set(""u8, 4);
        map.Set(""u8, 5);
        map["one"u8] += 10;
        map.GetOrAdd("ö"u8, out bool exists)++;
        Assert.False(exists);
        Assert.Equal([("one", 11), ("two", 2), ("", 5), ("ö", 1)], ToArray(map));
        Assert.True(map.TryGetValue(""u8, out int value));
        Assert.Equal(5, value);
        Assert.False(map.ContainsKey("on"u8));
        Assert.False(map.ContainsKey("onee"u8));
        Assert.False(map.ContainsKey("One"u8));
        Assert.True(map.Remove("one"u8, out value));
        Assert.Equal(11, value);
        Assert.False(map.Remove("one"u8));
        foreach (ArenaBytesDictionary<int>.Entry entry in map)
        {
            entry.Value = entry.Key.Length;
        }

        Assert.Equal([("ö", 2), ("two", 3), ("", 0)], ToArray(map));
        map.Clear();
        Assert.Equal(0, map.Count);
        Assert.False(map.ContainsKey("two"u8));
        map.AssertValid();
    }

    [Fact]
    public void The_key_is_a_copy_and_may_be_one_of_its_own()
    {
        using ProcessArena process = Process();
        using Arena arena = process.CreateArena();
        ArenaBytesDictionary<int> map = arena.CreateBytesDictionary<int>();
        byte[] key = [.. "abc"u8];
        map.Add(key, 1);
        key[0] = (byte)'x';
        Assert.Equal([("abc", 1)], ToArray(map));
        foreach (ArenaBytesDictionary<int>.Entry entry in map)
        {
            Assert.True(map.ContainsKey(entry.Key));
            map.Add(entry.Key[1..], 2);
            break;
        }

        Assert.Equal([("abc", 1), ("bc", 2)], ToArray(map));
    }

    [Fact]
    public void It_grows_and_all_keys_are_found_whatever_their_length()
    {
        using ProcessArena process = Process();
        using Arena arena = process.CreateArena();
        ArenaBytesDictionary<int> map = arena.CreateBytesDictionary<int>(3);
        byte[] key = [.. Enumerable.Range(0, 2000).Select(index => (byte)index)];
        for (int length = 0; length < key.Length; length++)
        {
            map.Add(key.AsSpan(0, length), length);
        }

        map.AssertValid();
        for (int length = 0; length < key.Length; length++)
        {
            Assert.Equal(length, map[key.AsSpan(0, length)]);
        }

        Assert.False(map.ContainsKey(key));
    }

    [Fact]
    public void Wrong_arguments_are_told_and_change_nothing()
    {
        using ProcessArena process = Process();
        using Arena arena = process.CreateArena();
        ArenaBytesDictionary<int> map = arena.CreateBytesDictionary<int>();
        map.Add("a"u8, 10);
        Assert.Throws<ArgumentException>(() => map.Add("a"u8, 11));
        Assert.Throws<KeyNotFoundException>(() => map["b"u8]);
        Assert.Throws<ArgumentOutOfRangeException>(() => map.EnsureCapacity(-1));
        Assert.Throws<ArgumentOutOfRangeException>(() => map.EnsureCapacity(int.MaxValue));
        Assert.Throws<ArgumentOutOfRangeException>(() => { arena.CreateBytesDictionary<int>(-1); });
        Assert.Equal([("a", 10)], ToArray(map));
        Assert.InRange(map.EnsureCapacity(100), 100, 1000);
        Assert.Equal([("a", 10)], ToArray(map));
        ArenaBytesDictionary<int> none = default;
        Assert.Throws<InvalidOperationException>(() => none.Count);
        Assert.Throws<InvalidOperationException>(() => none.Add("a"u8, 1));
    }

    [Theory]
    [InlineData(ArenaReclamation.Never)]
    [InlineData(ArenaReclamation.PerRequest)]
    [InlineData(ArenaReclamation.Generational)]
    public void A_dictionary_of_a_request_that_is_over_says_so(ArenaReclamation reclamation)
    {
        using ProcessArena process = Process(reclamation);
        using Arena arena = process.CreateArena();
        ArenaBytesDictionary<int> map = arena.CreateBytesDictionary<int>();
        map.Add("a"u8, 1);
        arena.Reset();
        AssertStale(map);
        arena.Dispose();
        Assert.Throws<ObjectDisposedException>(() => { arena.CreateBytesDictionary<int>(); });
    }

    [Fact]
    public void A_key_that_is_added_under_a_mark_makes_the_dictionary_the_marks()
    {
        using ProcessArena process = Process();
        using Arena arena = process.CreateArena();
        ArenaBytesDictionary<int> kept = arena.CreateBytesDictionary<int>(8);
        ArenaBytesDictionary<int> added = arena.CreateBytesDictionary<int>(8);
        kept.Add("a"u8, 1);
        using (arena.Mark())
        {
            kept.Set("a"u8, 2);
            kept.Remove("b"u8);
            Assert.False(kept.TryAdd("a"u8, 3));
            added.Add("a"u8, 1);
        }

        Assert.Equal([("a", 2)], ToArray(kept));
        AssertStale(added);
    }

    [Fact]
    public void A_full_arena_refuses_and_the_dictionary_keeps_what_it_has()
    {
        using ProcessArena process = new(new() { Capacity = Block, BlockSize = Block, Exhaustion = ArenaExhaustion.Throw });
        using Arena arena = process.CreateArena();
        ArenaBytesDictionary<int> map = arena.CreateBytesDictionary<int>();
        map.Add("a"u8, 1);
        byte[] large = new byte[Block];
        using (arena.Mark())
        {
            Assert.Throws<ArenaExhaustedException>(() => map.Add(large, 2));
        }

        Assert.Equal([("a", 1)], ToArray(map));
        int added = 0;
        while (Record.Exception(() => map.Add(Encoding.UTF8.GetBytes($"{added}"), added)) is null)
        {
            added++;
        }

        Assert.InRange(added, 20, 500);
        Assert.Equal(added + 1, map.Count);
        Assert.Equal(added - 1, map[Encoding.UTF8.GetBytes($"{added - 1}")]);
        map.AssertValid();
    }

    [Fact]
    public void Dictionaries_make_no_garbage()
    {
        using ProcessArena process = Process(ArenaReclamation.PerRequest);
        using Arena arena = process.CreateArena();
        Assert.Equal(0, Garbage.Of(() =>
        {
            ArenaBytesDictionary<long> map = arena.CreateBytesDictionary<long>();
            Span<byte> key = stackalloc byte[4];
            for (int item = 0; item < 500; item++)
            {
                BitConverter.TryWriteBytes(key, item);
                map.GetOrAdd(key, out _)++;
            }

            foreach (ArenaBytesDictionary<long>.Entry entry in map)
            {
                map.TryGetValue(entry.Key, out _);
            }

            arena.Reset();
        }));
    }

    private static (string Key, int Value)[] ToArray(ArenaBytesDictionary<int> map)
    {
        var entries = new List<(string, int)>();
        foreach (ArenaBytesDictionary<int>.Entry entry in map)
        {
            entries.Add((Encoding.UTF8.GetString(entry.Key), entry.Value));
        }

        return [.. entries];
    }

    private static void AssertStale(ArenaBytesDictionary<int> map)
    {
        Assert.Throws<ObjectDisposedException>(() => map.Count);
        Assert.Throws<ObjectDisposedException>(() => map.Capacity);
        Assert.Throws<ObjectDisposedException>(() => map["a"u8]);
        Assert.Throws<ObjectDisposedException>(() => map.GetOrAdd("a"u8, out _));
        Assert.Throws<ObjectDisposedException>(() => map.Add("b"u8, 9));
        Assert.Throws<ObjectDisposedException>(() => map.TryAdd("b"u8, 9));
        Assert.Throws<ObjectDisposedException>(() => map.Set("b"u8, 9));
        Assert.Throws<ObjectDisposedException>(() => map.TryGetValue("a"u8, out _));
        Assert.Throws<ObjectDisposedException>(() => map.ContainsKey("a"u8));
        Assert.Throws<ObjectDisposedException>(() => map.Remove("a"u8));
        Assert.Throws<ObjectDisposedException>(() => map.Remove("a"u8, out _));
        Assert.Throws<ObjectDisposedException>(map.Clear);
        Assert.Throws<ObjectDisposedException>(() => map.EnsureCapacity(1));
        Assert.Throws<ObjectDisposedException>(() => { map.GetEnumerator(); });
    }

    private static ProcessArena Process(ArenaReclamation reclamation = ArenaReclamation.Never) =>
        new(new() { Capacity = 4 << 20, BlockSize = Block, Reclamation = reclamation });
}
