using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace OneShot.Tests.Arenas;

public unsafe class ThreadArenaTests
{
    [Fact]
    public void Every_thread_s_arena_is_disposed_whatever_the_callbacks_of_others_throw()
    {
        using var process = new ProcessArena();
        var arenas = new ThreadArena(process);
        int ran = 0;
        for (int index = 0; index < 3; index++)
        {
            using var isReady = new ManualResetEventSlim();
            var thread = new Thread(() =>
            {
                arenas.Current.OnReset(_ => throw new InvalidOperationException(Interlocked.Increment(ref ran).ToString(System.Globalization.CultureInfo.InvariantCulture)), null);
                isReady.Set();
            });
            thread.Start();
            isReady.Wait();
            arenas.Current.Allocate<byte>(8);
            thread.Join();
        }

        AggregateException failures = Assert.Throws<AggregateException>(arenas.Dispose);
        Assert.Equal(ran, failures.Flatten().InnerExceptions.Count);
        Assert.Equal(0, process.Statistics.Arenas);
        arenas.Dispose();
    }

    [Fact]
    public void A_thread_keeps_its_arena_and_others_have_their_own()
    {
        using var process = new ProcessArena();
        using var threads = new ThreadArena(process);
        Arena mine = threads.Current;
        Assert.Same(mine, threads.Current);
        Arena? other = null;
        Run(() => other = threads.Current);
        Assert.NotSame(mine, other);
        Assert.Equal(0, threads.Allocate<long>(3)[2]);
        ref int number = ref threads.New(7);
        number++;
        Assert.Equal(8, number);
        Assert.Equal(32, mine.Allocated);
    }

    [Fact]
    public void One_thread_may_use_several()
    {
        using var process = new ProcessArena();
        using var first = new ThreadArena(process);
        using var second = new ThreadArena(process);
        Arena one = first.Current;
        Arena two = second.Current;
        Assert.NotSame(one, two);
        Assert.Same(one, first.Current);
        Assert.Same(two, second.Current);
    }

    [Fact]
    public void Threads_never_overlap()
    {
        using var process = new ProcessArena(new() { Capacity = 32 << 20 });
        using var threads = new ThreadArena(process);
        var taken = new List<(long Start, int Size)>[4];
        Thread[] workers = [.. Enumerable.Range(0, taken.Length).Select(index => new Thread(() =>
        {
            var list = taken[index] = [];
            var random = new Random(index);
            for (int turn = 0; turn < 10_000; turn++)
            {
                Span<byte> memory = threads.Allocate<byte>(random.Next(1, 600));
                Assert.False(memory.ContainsAnyExcept((byte)0));
                memory.Fill(1);
                list.Add(((long)Unsafe.AsPointer(ref MemoryMarshal.GetReference(memory)), memory.Length));
            }
        }))];
        Array.ForEach(workers, worker => worker.Start());
        Array.ForEach(workers, worker => worker.Join());
        var all = taken.SelectMany(list => list).OrderBy(piece => piece.Start).ToList();
        Assert.Equal(40_000, all.Count);
        for (int index = 1; index < all.Count; index++)
        {
            Assert.True(all[index - 1].Start + all[index - 1].Size <= all[index].Start);
        }
    }

    [Fact]
    public void What_an_ended_thread_left_serves_a_later_one()
    {
        using var process = new ProcessArena();
        using var threads = new ThreadArena(process);
        for (int index = 0; index < 20; index++)
        {
            Run(() => threads.Allocate<byte>(8).Fill(1));
            GC.Collect();
            GC.WaitForPendingFinalizers();
        }

        Assert.InRange(process.Statistics.BlocksTaken, 1, 10);
    }

    [Fact]
    public void A_disposed_one_says_so_on_every_thread()
    {
        using var process = new ProcessArena();
        var threads = new ThreadArena(process);
        threads.Allocate<byte>(8);
        threads.Dispose();
        threads.Dispose();
        Assert.Throws<ObjectDisposedException>(() => { threads.Allocate<byte>(8); });
        Run(() => Assert.Throws<ObjectDisposedException>(() => { threads.Allocate<byte>(8); }));
        Assert.Equal(0, process.Statistics.Arenas);
        Assert.Throws<ArgumentNullException>(() => new ThreadArena(null!));
    }

    private static void Run(Action body)
    {
        Exception? failure = null;
        var thread = new Thread(() => failure = Record.Exception(body));
        thread.Start();
        thread.Join();
        Assert.Null(failure);
    }
}
