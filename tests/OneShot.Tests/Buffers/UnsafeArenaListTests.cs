using System.Runtime.CompilerServices;

namespace OneShot.Tests.Buffers;

public class UnsafeArenaListTests
{
    private const int Block = 4096;

    [Fact]
    public void The_default_value_is_the_empty_list()
    {
        UnsafeArenaList<int> list = default;
        Assert.True(list.IsDefault);
        Assert.Equal((0, 0), (list.Count, list.Capacity));
        Assert.True(list.Span.IsEmpty);
        list.Clear();
        Assert.Throws<ArgumentOutOfRangeException>(() => list[0]);
        Assert.Throws<ArgumentOutOfRangeException>(() => list.RemoveAt(0));
        foreach (int item in list)
        {
            Assert.Fail($"There is {item} in it.");
        }
    }

    [Fact]
    public void Handles_are_of_a_few_bytes()
    {
        Assert.Equal(8, Unsafe.SizeOf<UnsafeArenaList<Guid>>());
        Assert.Equal(32, Unsafe.SizeOf<ArenaList<Guid>>());
        Assert.Equal(32, Unsafe.SizeOf<ArenaQueue<Guid>>());
        Assert.Equal(32, Unsafe.SizeOf<ArenaDictionary<Guid, Guid>>());
        Assert.Equal(32, Unsafe.SizeOf<ArenaBytesDictionary<Guid>>());
    }

    [Fact]
    public void Elements_stay_in_order_through_every_operation()
    {
        using ProcessArena process = Process();
        using Arena arena = process.CreateArena();
        UnsafeArenaList<int> list = default;
        list.AddRange(arena, []);
        Assert.True(list.IsDefault);
        list.Add(arena, 1);
        list.AddRange(arena, [2, 3, 4]);
        list.Insert(arena, 0, 0);
        list.Insert(arena, 5, 5);
        list[2] += 10;
        Assert.Equal([0, 1, 12, 3, 4, 5], list.Span);
        list.RemoveAt(2);
        list.RemoveAt(4);
        Assert.Equal([0, 1, 3, 4], list.Span);
        foreach (ref int item in list)
        {
            item *= 2;
        }

        list.AddRange(arena, list.Span);
        Assert.Equal([0, 2, 6, 8, 0, 2, 6, 8], list.Span);
        Assert.InRange(list.EnsureCapacity(arena, 100), 100, 1000);
        list.Clear();
        Assert.Equal(0, list.Count);
        Assert.InRange(list.Capacity, 100, 1000);
        Assert.Throws<ArgumentOutOfRangeException>(() => list.Insert(arena, 1, 1));
        Assert.Throws<ArgumentOutOfRangeException>(() => list.EnsureCapacity(arena, -1));
        Assert.Throws<ArgumentOutOfRangeException>(() => list.EnsureCapacity(arena, int.MaxValue));
    }

    [Fact]
    public void Copies_made_after_the_first_element_are_the_same_list()
    {
        using ProcessArena process = Process();
        using Arena arena = process.CreateArena();
        UnsafeArenaList<long> list = default;
        list.Add(arena, 0);
        UnsafeArenaList<long> copy = list;
        for (int item = 1; item < 1000; item++)
        {
            (item % 2 == 0 ? ref list : ref copy).Add(arena, item);
        }

        Assert.Equal(1000, list.Count);
        Assert.True(list.Span == copy.Span);
    }

    [Fact]
    public void Lists_are_elements_of_lists_of_dictionaries_and_of_structures()
    {
        using ProcessArena process = Process();
        using Arena arena = process.CreateArena();
        RequestArena request = arena;
        ArenaList<Node> nodes = arena.CreateList<Node>();
        ArenaBytesDictionary<UnsafeArenaList<int>> index = arena.CreateBytesDictionary<UnsafeArenaList<int>>();
        for (int node = 0; node < 300; node++)
        {
            nodes.Add(new Node { Name = node });
            if (node > 0)
            {
                nodes[node / 3].Children.Add(arena, node);
            }

            index.GetOrAdd([(byte)(node % 7)], out _).Add(request, node);
        }

        for (int node = 1; node < 300; node++)
        {
            Assert.Contains(node, nodes[node / 3].Children.Span.ToArray());
        }

        foreach (ArenaBytesDictionary<UnsafeArenaList<int>>.Entry entry in index)
        {
            int remainder = entry.Key[0];
            Assert.Equal(Enumerable.Range(0, 300).Where(node => node % 7 == remainder), entry.Value.Span.ToArray());
        }
    }

    [Fact]
    public void It_grows_in_place_while_it_is_the_newest()
    {
        using ProcessArena process = Process();
        using Arena arena = process.CreateArena();
        UnsafeArenaList<int> list = default;
        list.AddRange(arena, [1, 2]);
        Span<int> first = list.Span;
        list.AddRange(arena, [3, 4, 5, 6]);
        Assert.True(first.Overlaps(list.Span));
        arena.New(0L);
        list.AddRange(arena, new int[20]);
        Assert.False(first.Overlaps(list.Span));
        Assert.Equal([1, 2, 3, 4, 5, 6], list.Span[..6]);
    }

    [Fact]
    public void It_takes_no_memory_of_a_request_that_is_over()
    {
        using ProcessArena process = Process();
        using Arena arena = process.CreateArena();
        RequestArena request = arena;
        arena.Reset();
        UnsafeArenaList<int> list = default;
        Assert.Throws<ObjectDisposedException>(() => list.Add(request, 1));
        Assert.Throws<ObjectDisposedException>(() => list.AddRange(request, [1]));
        Assert.Throws<ObjectDisposedException>(() => list.Insert(request, 0, 1));
        Assert.Throws<ObjectDisposedException>(() => list.EnsureCapacity(request, 1));
        Assert.True(list.IsDefault);
    }

    [Fact]
    public void A_full_arena_refuses_and_the_list_keeps_what_it_has()
    {
        using ProcessArena process = new(new() { Capacity = Block, BlockSize = Block, Exhaustion = ArenaExhaustion.Throw });
        using Arena arena = process.CreateArena();
        UnsafeArenaList<int> list = default;
        Assert.Throws<ArenaExhaustedException>(() => list.EnsureCapacity(arena, 10_000));
        Assert.Equal(0, list.Count);
        list.Add(arena, 1);
        Assert.Throws<ArenaExhaustedException>(() => list.EnsureCapacity(arena, 10_000));
        Assert.Equal([1], list.Span);
    }

    private static ProcessArena Process() => new(new() { Capacity = 4 << 20, BlockSize = Block });

    private struct Node
    {
        public int Name;
        public UnsafeArenaList<int> Children;
    }
}
