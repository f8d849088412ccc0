using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using CsCheck;

namespace OneShot.Tests.Arenas;

public unsafe class ProcessArenaConcurrencyTests
{
    private const int Threads = 4;

    [Fact]
    public void Threads_that_fill_an_arena_never_overlap_and_account_for_every_byte() => Gen
        .Select(Gen.Int[1, 5000].Array[1, 20], Gen.Int[1, 64])
        .Sample(
            (sizes, kilobytes) =>
            {
                long capacity = 16384 + (kilobytes * 1000L / 8 * 8);
                using var process = new ProcessArena(new() { Capacity = capacity, BlockSize = 1024 });
                List<(long Start, long Size)>[] taken = Fill(process, sizes);
                var all = taken.SelectMany(list => list).OrderBy(piece => piece.Start).ToList();
                for (int index = 1; index < all.Count; index++)
                {
                    Assert.True(all[index - 1].Start + all[index - 1].Size <= all[index].Start, "Two threads got the same bytes.");
                }

                Assert.Equal(all.Sum(piece => piece.Size), process.Used);
                Assert.True(process.Remaining < (sizes.Min() + 7) / 8 * 8, "Bytes were lost although they would have served the smallest request.");
            },
            iter: 200,
            threads: 1);

    [Fact]
    public void Overshooting_requests_of_many_threads_lose_nothing()
    {
        using var process = new ProcessArena(new() { Capacity = 1 << 20, BlockSize = 1024 });
        process.Allocate((1 << 20) - 4096);
        long served = 0;
        Run(thread =>
        {
            int size = thread == 0 ? 8 : 4096 - (thread * 8);
            for (int round = 0; round < 20_000; round++)
            {
                if (process.TryAllocate(size, out Span<byte> memory))
                {
                    Assert.False(memory.ContainsAnyExcept((byte)0));
                    memory.Fill((byte)(thread + 1));
                    Interlocked.Add(ref served, size);
                }
            }
        });
        Assert.Equal((1 << 20) - 4096 + served, process.Used);
        Assert.Equal(0, process.Remaining);
    }

    [Theory]
    [InlineData(ArenaReclamation.Never)]
    [InlineData(ArenaReclamation.PerRequest)]
    [InlineData(ArenaReclamation.Generational)]
    public void Arenas_on_many_threads_see_only_their_own_bytes(ArenaReclamation reclamation)
    {
        using var process = new ProcessArena(new()
        {
            // A thread that the system puts aside holds its generation for as long: there are more than threads.
            Capacity = reclamation == ArenaReclamation.Generational ? 64 << 20 : 8 << 20,
            GenerationSize = 1 << 20,
            BlockSize = 1024,
            Reclamation = reclamation,
        });
        Run(thread =>
        {
            using Arena arena = process.CreateArena();
            var random = new Random(thread);
            var mine = new List<UnsafeSlice<byte>>();
            for (int request = 0; request < 500; request++)
            {
                for (int index = 0; index < 20; index++)
                {
                    UnsafeSlice<byte> slice = arena.AllocateUnsafe<byte>(random.Next(0, 1500));
                    Assert.False(slice.Span.ContainsAnyExcept((byte)0));
                    slice.Span.Fill((byte)(thread + 1));
                    mine.Add(slice);
                }

                Assert.All(mine, slice => Assert.False(slice.Span.ContainsAnyExcept((byte)(thread + 1))));
                mine.Clear();
                arena.Reset();
            }
        });

        switch (reclamation)
        {
            case ArenaReclamation.Never:
                Assert.InRange(process.Remaining, 0, 1023);
                Assert.NotEqual(0, process.FallbackBlocks);
                break;
            case ArenaReclamation.PerRequest:
                Assert.Equal(0, process.FallbackBlocks);
                Assert.Equal(0, process.Used);
                break;
            case ArenaReclamation.Generational:
                Assert.Equal(0, process.FallbackBlocks);
                Assert.InRange(process.Statistics.GenerationsOpened - process.Statistics.GenerationsRetired, 0, 1);
                Assert.InRange(process.Statistics.GenerationsRetired, 5, 1000);
                break;
        }
    }

    private static List<(long Start, long Size)>[] Fill(ProcessArena process, int[] sizes)
    {
        var taken = new List<(long, long)>[Threads];
        Run(thread =>
        {
            var list = taken[thread] = [];
            int refused = 0;
            for (int turn = thread; refused < sizes.Length; turn++)
            {
                int size = sizes[turn % sizes.Length];
                if (process.TryAllocate(size, out Span<byte> memory))
                {
                    list.Add(((long)Unsafe.AsPointer(ref MemoryMarshal.GetReference(memory)), (size + 7) / 8 * 8));
                    refused = 0;
                }
                else
                {
                    refused++;
                }
            }
        });
        return taken;
    }

    private static void Run(Action<int> body)
    {
        using var start = new Barrier(Threads);
        var failures = new System.Collections.Concurrent.ConcurrentQueue<Exception>();
        Thread[] threads = [.. Enumerable.Range(0, Threads).Select(index => new Thread(() =>
        {
            start.SignalAndWait();
            try
            {
                body(index);
            }
            catch (Exception failure)
            {
                failures.Enqueue(failure);
            }
        }))];
        Array.ForEach(threads, thread => thread.Start());
        Array.ForEach(threads, thread => thread.Join());
        if (!failures.IsEmpty)
        {
            throw new AggregateException(failures);
        }
    }
}
