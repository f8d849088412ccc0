using System.Runtime.Intrinsics;

namespace OneShot.Tests.Buffers;

public unsafe class ArenaListTests
{
    private const int Block = 4096;

    [Fact]
    public void Elements_stay_in_order_through_every_operation()
    {
        using ProcessArena process = Process();
        using Arena arena = process.CreateArena();
        ArenaList<int> list = arena.CreateList<int>();
        Assert.Equal((0, 0), (list.Count, list.Capacity));
        Assert.True(list.Span.IsEmpty);
        list.Add(1);
        list.AddRange([2, 3, 4]);
        list.Insert(0, 0);
        list.Insert(5, 5);
        list[2] += 10;
        Assert.Equal([0, 1, 12, 3, 4, 5], list.Span);
        list.RemoveAt(2);
        list.RemoveAt(4);
        Assert.Equal([0, 1, 3, 4], list.Span);
        int sum = 0;
        foreach (ref int item in list)
        {
            item *= 2;
            sum += item;
        }

        Assert.Equal(16, sum);
        Assert.Equal([0, 2, 6, 8], list.Span);
        list.Clear();
        Assert.Equal(0, list.Count);
        Assert.NotEqual(0, list.Capacity);
    }

    [Fact]
    public void Its_span_sorts_and_searches_it_without_garbage()
    {
        using ProcessArena process = Process(ArenaReclamation.PerRequest);
        using Arena arena = process.CreateArena();
        ArenaList<int> list = arena.CreateList<int>();
        ArenaList<(int Key, int Value)> pairs = arena.CreateList<(int, int)>();
        var random = new Random(1);
        int[] expected = [.. Enumerable.Range(0, 1000).Select(_ => random.Next(5000))];
        list.AddRange(expected);
        for (int index = 0; index < expected.Length; index++)
        {
            pairs.Add((expected[index], index));
        }

        list.Span.Sort();
        pairs.Span.Sort(static (left, right) => left.Key != right.Key ? left.Key.CompareTo(right.Key) : left.Value.CompareTo(right.Value));
        Array.Sort(expected);
        Assert.Equal(expected, list.Span);
        Assert.Equal(expected, pairs.Span.ToArray().Select(pair => pair.Key));
        Assert.Equal(list[10], list[list.Span.BinarySearch(list[10])]);
        Assert.Equal(0, Garbage.Of(() =>
        {
            list.Span.Reverse();
            list.Span.Sort();
            pairs.Span.Reverse();
            pairs.Span.Sort(static (left, right) => left.Key.CompareTo(right.Key));
        }));
    }

    [Fact]
    public void Copies_of_the_handle_are_the_same_list()
    {
        using ProcessArena process = Process();
        using Arena arena = process.CreateArena();
        ArenaList<long> list = arena.CreateList<long>(2);
        ArenaList<long> copy = list;
        for (int item = 0; item < 1000; item++)
        {
            (item % 2 == 0 ? list : copy).Add(item);
        }

        Assert.Equal(1000, list.Count);
        Assert.Equal(999, list[999]);
        Assert.True(list.Span == copy.Span);
    }

    [Fact]
    public void Growth_at_the_tip_moves_nothing_and_growth_behind_another_allocation_leaves_the_old_as_it_was()
    {
        using ProcessArena process = Process();
        using Arena arena = process.CreateArena();
        ArenaList<int> list = arena.CreateList<int>(2);
        list.AddRange([1, 2]);
        Span<int> first = list.Span;
        list.Add(3);
        Assert.True(first.Overlaps(list.Span));
        Span<int> second = list.Span;
        arena.New(0L);
        list.AddRange([4, 5, 6, 7]);
        Assert.False(second.Overlaps(list.Span));
        Assert.Equal([1, 2, 3], second);
        Assert.Equal([1, 2, 3, 4, 5, 6, 7], list.Span);
    }

    [Fact]
    public void A_list_can_add_its_own_elements()
    {
        using ProcessArena process = Process();
        using Arena arena = process.CreateArena();
        ArenaList<int> list = arena.CreateList<int>(2);
        list.AddRange([1, 2]);
        arena.New(0L);
        for (int turn = 0; turn < 10; turn++)
        {
            list.AddRange(list.Span);
        }

        Assert.Equal(2048, list.Count);
        Assert.Equal(Enumerable.Repeat<int[]>([1, 2], 1024).SelectMany(pair => pair), list.Span.ToArray());
    }

    [Fact]
    public void Elements_are_aligned_as_their_type_wants()
    {
        using ProcessArena process = Process();
        using Arena arena = process.CreateArena();
        arena.New(0L);
        ArenaList<Vector256<int>> list = arena.CreateList<Vector256<int>>(1);
        for (int item = 0; item < 100; item++)
        {
            list.Add(Vector256.Create(item));
            fixed (Vector256<int>* pointer = list.Span)
            {
                Assert.Equal(0, (long)pointer % 32);
            }
        }

        Assert.Equal(Vector256.Create(99), list[99]);
    }

    [Fact]
    public void Wrong_arguments_are_told_and_change_nothing()
    {
        using ProcessArena process = Process();
        using Arena arena = process.CreateArena();
        ArenaList<int> list = arena.CreateList<int>();
        list.Add(1);
        Assert.Throws<ArgumentOutOfRangeException>(() => list[1]);
        Assert.Throws<ArgumentOutOfRangeException>(() => list[-1]);
        Assert.Throws<ArgumentOutOfRangeException>(() => list.Insert(2, 0));
        Assert.Throws<ArgumentOutOfRangeException>(() => list.Insert(-1, 0));
        Assert.Throws<ArgumentOutOfRangeException>(() => list.RemoveAt(1));
        Assert.Throws<ArgumentOutOfRangeException>(() => list.RemoveAt(-1));
        Assert.Throws<ArgumentOutOfRangeException>(() => list.EnsureCapacity(-1));
        Assert.Throws<ArgumentOutOfRangeException>(() => list.EnsureCapacity(int.MaxValue));
        Assert.Throws<ArgumentOutOfRangeException>(() => arena.CreateList<int>(-1));
        Assert.Equal([1], list.Span);
        ArenaList<int> none = default;
        Assert.Throws<InvalidOperationException>(() => none.Count);
        Assert.Throws<InvalidOperationException>(() => none.Add(1));
    }

    [Fact]
    public void Room_can_be_made_ahead_and_given_back()
    {
        using ProcessArena process = Process();
        using Arena arena = process.CreateArena();
        ArenaList<int> list = arena.CreateList<int>();
        Assert.InRange(list.EnsureCapacity(100), 100, 1000);
        int capacity = list.Capacity;
        Assert.Equal(capacity, list.EnsureCapacity(1));
        list.Add(1);
        long before = arena.Allocated;
        list.TrimExcess();
        Assert.Equal(1, list.Capacity);
        Assert.Equal(before - ((capacity - 2) * sizeof(int)), arena.Allocated);
        list.Add(2);
        Assert.Equal([1, 2], list.Span);
    }

    [Theory]
    [InlineData(ArenaReclamation.Never)]
    [InlineData(ArenaReclamation.PerRequest)]
    [InlineData(ArenaReclamation.Generational)]
    public void A_list_of_a_request_that_is_over_says_so(ArenaReclamation reclamation)
    {
        using ProcessArena process = Process(reclamation);
        using Arena arena = process.CreateArena();
        ArenaList<int> list = arena.CreateList<int>();
        list.Add(1);
        arena.Reset();
        ArenaList<int> other = arena.CreateList<int>();
        other.Add(2);
        AssertStale(list);
        Assert.Equal([2], other.Span);
        arena.Dispose();
        AssertStale(other);
        Assert.Throws<ObjectDisposedException>(() => arena.CreateList<int>());
    }

    [Fact]
    public void A_list_that_a_rewind_took_or_whose_elements_it_took_says_so()
    {
        using ProcessArena process = Process();
        using Arena arena = process.CreateArena();
        ArenaList<int> kept = arena.CreateList<int>(8);
        ArenaList<int> grown = arena.CreateList<int>(1);
        ArenaList<int> created;
        using (arena.Mark())
        {
            created = arena.CreateList<int>();
            kept.Add(1);
            grown.AddRange([1, 2, 3]);
        }

        AssertStale(created);
        AssertStale(grown);
        Assert.Equal([1], kept.Span);
    }

    [Fact]
    public void A_full_arena_refuses_and_the_list_keeps_what_it_has()
    {
        using ProcessArena process = new(new() { Capacity = Block, BlockSize = Block, Exhaustion = ArenaExhaustion.Throw });
        using Arena arena = process.CreateArena();
        ArenaList<int> list = arena.CreateList<int>();
        list.Add(1);
        Assert.Throws<ArenaExhaustedException>(() => list.EnsureCapacity(10_000));
        Assert.Equal([1], list.Span);
    }

    [Fact]
    public void Lists_make_no_garbage()
    {
        using ProcessArena process = Process(ArenaReclamation.PerRequest);
        using Arena arena = process.CreateArena();
        Assert.Equal(0, Garbage.Of(() =>
        {
            ArenaList<Guid> list = arena.CreateList<Guid>();
            for (int item = 0; item < 500; item++)
            {
                list.Add(default);
            }

            list.Insert(3, default);
            arena.Reset();
        }));
    }

    private static void AssertStale(ArenaList<int> list)
    {
        Assert.Throws<ObjectDisposedException>(() => list.Count);
        Assert.Throws<ObjectDisposedException>(() => list.Capacity);
        Assert.Throws<ObjectDisposedException>(() => list.Span.Length);
        Assert.Throws<ObjectDisposedException>(() => list[0]);
        Assert.Throws<ObjectDisposedException>(() => list.Add(1));
        Assert.Throws<ObjectDisposedException>(() => list.AddRange([1]));
        Assert.Throws<ObjectDisposedException>(() => list.Insert(0, 1));
        Assert.Throws<ObjectDisposedException>(() => list.RemoveAt(0));
        Assert.Throws<ObjectDisposedException>(list.Clear);
        Assert.Throws<ObjectDisposedException>(() => list.EnsureCapacity(1));
        Assert.Throws<ObjectDisposedException>(list.TrimExcess);
        Assert.Throws<ObjectDisposedException>(() => { list.GetEnumerator(); });
    }

    private static ProcessArena Process(ArenaReclamation reclamation = ArenaReclamation.Never) =>
        new(new() { Capacity = 4 << 20, BlockSize = Block, Reclamation = reclamation });
}
