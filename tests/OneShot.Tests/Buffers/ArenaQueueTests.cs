using System.Runtime.Intrinsics;

namespace OneShot.Tests.Buffers;

public unsafe class ArenaQueueTests
{
    private const int Block = 4096;

    [Fact]
    public void First_in_is_first_out_around_the_ring_and_through_its_growth()
    {
        using ProcessArena process = Process();
        using Arena arena = process.CreateArena();
        ArenaQueue<int> queue = arena.CreateQueue<int>(4);
        int next = 0;
        int expected = 0;
        for (int turn = 0; turn < 200; turn++)
        {
            for (int added = 0; added < 3; added++)
            {
                queue.Enqueue(next++);
            }

            for (int taken = 0; taken < 2; taken++)
            {
                Assert.Equal(expected, queue.Peek());
                Assert.Equal(expected++, queue.Dequeue());
            }

            if (turn % 7 == 0)
            {
                arena.New(0L); // growth cannot be in place
            }
        }

        Assert.Equal(next - expected, queue.Count);
        Assert.Equal(Enumerable.Range(expected, queue.Count), ToArray(queue));
        int[] copy = new int[queue.Count];
        queue.CopyTo(copy);
        Assert.Equal(Enumerable.Range(expected, queue.Count), copy);
        Assert.Throws<ArgumentException>(() => queue.CopyTo(new int[queue.Count - 1]));
        for (int index = 0; index < queue.Count; index++)
        {
            Assert.Equal(expected + index, queue[index]);
        }
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void A_ring_that_is_wrapped_grows_in_order_in_place_and_in_a_copy(bool isCopied)
    {
        using ProcessArena process = Process();
        using Arena arena = process.CreateArena();
        ArenaQueue<int> queue = arena.CreateQueue<int>(5);
        for (int item = 0; item < 8; item++)
        {
            queue.Enqueue(item);
            if (item < 3)
            {
                queue.Dequeue();
            }
        }

        Assert.Equal(5, queue.Capacity);
        if (isCopied)
        {
            arena.New(0L);
        }

        long before = arena.Allocated;
        queue.Enqueue(8);
        Assert.Equal(isCopied ? 40 : 16, arena.Allocated - before);
        Assert.Equal([3, 4, 5, 6, 7, 8], ToArray(queue));
    }

    [Fact]
    public void Copies_of_the_handle_are_the_same_queue_and_elements_change_in_place()
    {
        using ProcessArena process = Process();
        using Arena arena = process.CreateArena();
        ArenaQueue<long> queue = arena.CreateQueue<long>();
        ArenaQueue<long> copy = queue;
        Assert.Equal((0, 0), (queue.Count, queue.Capacity));
        for (int item = 0; item < 100; item++)
        {
            (item % 2 == 0 ? queue : copy).Enqueue(item);
        }

        queue[99] += 1000;
        foreach (ref long item in copy)
        {
            item *= 2;
        }

        Assert.Equal(100, copy.Count);
        Assert.Equal(2198, copy[99]);
        Assert.Equal(0, queue.Dequeue());
        Assert.Equal(2, copy.Dequeue());
        copy.Clear();
        Assert.Equal(0, queue.Count);
        Assert.InRange(queue.Capacity, 100, 1000);
        Assert.Empty(ToArray(queue));
    }

    [Fact]
    public void An_empty_queue_says_so()
    {
        using ProcessArena process = Process();
        using Arena arena = process.CreateArena();
        ArenaQueue<int> queue = arena.CreateQueue<int>();
        for (int turn = 0; turn < 2; turn++)
        {
            Assert.Throws<InvalidOperationException>(() => queue.Dequeue());
            Assert.Throws<InvalidOperationException>(() => queue.Peek());
            Assert.False(queue.TryDequeue(out int taken));
            Assert.False(queue.TryPeek(out int first));
            Assert.Equal((0, 0), (taken, first));
            queue.Enqueue(1);
            Assert.True(queue.TryPeek(out first));
            Assert.True(queue.TryDequeue(out taken));
            Assert.Equal((1, 1), (taken, first));
        }
    }

    [Fact]
    public void Wrong_arguments_are_told_and_change_nothing()
    {
        using ProcessArena process = Process();
        using Arena arena = process.CreateArena();
        ArenaQueue<int> queue = arena.CreateQueue<int>();
        queue.Enqueue(1);
        Assert.Throws<ArgumentOutOfRangeException>(() => queue[1]);
        Assert.Throws<ArgumentOutOfRangeException>(() => queue[-1]);
        Assert.Throws<ArgumentOutOfRangeException>(() => queue.EnsureCapacity(-1));
        Assert.Throws<ArgumentOutOfRangeException>(() => queue.EnsureCapacity(int.MaxValue));
        Assert.Throws<ArgumentOutOfRangeException>(() => arena.CreateQueue<int>(-1));
        Assert.Equal([1], ToArray(queue));
        Assert.InRange(queue.EnsureCapacity(100), 100, 1000);
        Assert.Equal([1], ToArray(queue));
        ArenaQueue<int> none = default;
        Assert.Throws<InvalidOperationException>(() => none.Count);
        Assert.Throws<InvalidOperationException>(() => none.Enqueue(1));
    }

    [Fact]
    public void Elements_are_aligned_as_their_type_wants()
    {
        using ProcessArena process = Process();
        using Arena arena = process.CreateArena();
        arena.New(0L);
        ArenaQueue<Vector256<int>> queue = arena.CreateQueue<Vector256<int>>(1);
        for (int item = 0; item < 100; item++)
        {
            queue.Enqueue(Vector256.Create(item));
            fixed (Vector256<int>* pointer = &queue[item])
            {
                Assert.Equal(0, (long)pointer % 32);
            }
        }
    }

    [Theory]
    [InlineData(ArenaReclamation.Never)]
    [InlineData(ArenaReclamation.PerRequest)]
    [InlineData(ArenaReclamation.Generational)]
    public void A_queue_of_a_request_that_is_over_says_so(ArenaReclamation reclamation)
    {
        using ProcessArena process = Process(reclamation);
        using Arena arena = process.CreateArena();
        ArenaQueue<int> queue = arena.CreateQueue<int>();
        queue.Enqueue(1);
        arena.Reset();
        ArenaQueue<int> other = arena.CreateQueue<int>();
        other.Enqueue(2);
        AssertStale(queue);
        Assert.Equal([2], ToArray(other));
        arena.Dispose();
        AssertStale(other);
        Assert.Throws<ObjectDisposedException>(() => arena.CreateQueue<int>());
    }

    [Fact]
    public void A_queue_that_a_rewind_took_or_whose_elements_it_took_says_so()
    {
        using ProcessArena process = Process();
        using Arena arena = process.CreateArena();
        ArenaQueue<int> kept = arena.CreateQueue<int>(8);
        ArenaQueue<int> grown = arena.CreateQueue<int>(1);
        ArenaQueue<int> created;
        using (arena.Mark())
        {
            created = arena.CreateQueue<int>();
            kept.Enqueue(1);
            grown.Enqueue(1);
            grown.Enqueue(2);
        }

        AssertStale(created);
        AssertStale(grown);
        Assert.Equal([1], ToArray(kept));
    }

    [Fact]
    public void A_full_arena_refuses_and_the_queue_keeps_what_it_has()
    {
        using ProcessArena process = new(new() { Capacity = Block, BlockSize = Block, Exhaustion = ArenaExhaustion.Throw });
        using Arena arena = process.CreateArena();
        ArenaQueue<int> queue = arena.CreateQueue<int>();
        queue.Enqueue(1);
        Assert.Throws<ArenaExhaustedException>(() => queue.EnsureCapacity(10_000));
        Assert.Equal([1], ToArray(queue));
        queue.Enqueue(2);
        Assert.Equal([1, 2], ToArray(queue));
    }

    [Fact]
    public void Queues_make_no_garbage()
    {
        using ProcessArena process = Process(ArenaReclamation.PerRequest);
        using Arena arena = process.CreateArena();
        Assert.Equal(0, Garbage.Of(() =>
        {
            ArenaQueue<Guid> queue = arena.CreateQueue<Guid>();
            for (int item = 0; item < 500; item++)
            {
                queue.Enqueue(default);
                queue.Enqueue(default);
                queue.Dequeue();
            }

            foreach (Guid item in queue)
            {
                queue.TryPeek(out _);
            }

            arena.Reset();
        }));
    }

    private static T[] ToArray<T>(ArenaQueue<T> queue) where T : unmanaged
    {
        List<T> items = [];
        foreach (T item in queue)
        {
            items.Add(item);
        }

        return [.. items];
    }

    private static void AssertStale(ArenaQueue<int> queue)
    {
        Assert.Throws<ObjectDisposedException>(() => queue.Count);
        Assert.Throws<ObjectDisposedException>(() => queue.Capacity);
        Assert.Throws<ObjectDisposedException>(() => queue[0]);
        Assert.Throws<ObjectDisposedException>(() => queue.Enqueue(1));
        Assert.Throws<ObjectDisposedException>(() => queue.Dequeue());
        Assert.Throws<ObjectDisposedException>(() => queue.TryDequeue(out _));
        Assert.Throws<ObjectDisposedException>(() => queue.Peek());
        Assert.Throws<ObjectDisposedException>(() => queue.TryPeek(out _));
        Assert.Throws<ObjectDisposedException>(queue.Clear);
        Assert.Throws<ObjectDisposedException>(() => queue.EnsureCapacity(1));
        Assert.Throws<ObjectDisposedException>(() => queue.CopyTo(new int[9]));
        Assert.Throws<ObjectDisposedException>(() => { queue.GetEnumerator(); });
    }

    private static ProcessArena Process(ArenaReclamation reclamation = ArenaReclamation.Never) =>
        new(new() { Capacity = 4 << 20, BlockSize = Block, Reclamation = reclamation });
}
