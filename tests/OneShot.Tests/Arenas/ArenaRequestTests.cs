using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace OneShot.Tests.Arenas;

/// <summary>Memory that no mark takes back, and an arena between two requests.</summary>
public unsafe class ArenaRequestTests
{
    /// <summary>A filter runs before the call that throws has left the arena.</summary>
    [Fact]
    public void An_exception_filter_may_use_the_arena()
    {
        using var process = new ProcessArena(new() { Capacity = 4096, BlockSize = 1024, Exhaustion = ArenaExhaustion.Throw });
        using Arena arena = process.CreateArena();
        var thread = new Thread(() =>
        {
            try
            {
                arena.Allocate<byte>(5000);
            }
            catch (ArenaExhaustedException) when (IsUsed())
            {
                arena.Allocate<byte>(10);
            }
        })
        { IsBackground = true };
        thread.Start();
        Assert.True(thread.Join(TimeSpan.FromSeconds(30)), "The filter waits for the call that has thrown.");
        Assert.Equal(16, arena.Allocated - 24);

        bool IsUsed()
        {
            arena.OnReset(_ => arena.Allocate<byte>(10), null);
            using (arena.Mark())
            {
                arena.Allocate<byte>(500);
            }

            arena.Reset();
            return arena.AllocateMemory(20).Length == 20;
        }
    }

    private const int BlockSize = 1024;

    public static TheoryData<ArenaReclamation, bool> Policies => new()
    {
        { ArenaReclamation.Never, false },
        { ArenaReclamation.PerRequest, false },
        { ArenaReclamation.Generational, false },
        { ArenaReclamation.Never, true },
        { ArenaReclamation.PerRequest, true },
        { ArenaReclamation.Generational, true },
    };

    // From the far end, with a block of its own, in a block taken under the mark.
    [Theory]
    [MemberData(nameof(Policies))]
    public void Memory_for_the_request_outlives_every_mark(ArenaReclamation reclamation, bool debug)
    {
        using ProcessArena process = Create(reclamation, debug);
        using Arena arena = process.CreateArena();
        for (int request = 0; request < 20; request++)
        {
            List<UnsafeSlice<byte>> kept = [];
            Keep(arena, kept, 24);
            for (int round = 0; round < 10; round++)
            {
                using (arena.Mark())
                {
                    arena.Allocate<byte>(100 * round).Fill(0xEE);
                    Keep(arena, kept, 40 + round);
                    using (arena.Mark())
                    {
                        arena.Allocate<byte>(90 * round).Fill(0xEE);
                        Keep(arena, kept, round % 3 == 0 ? 700 : 8);
                    }

                    arena.Allocate<byte>(200).Fill(0xEE);
                }

                Assert.False(arena.Allocate<byte>(150).ContainsAnyExcept((byte)0));
                AssertIntact(kept);
            }

            Keep(arena, kept, 3000);
            AssertIntact(kept);
            long expected = (10 * 152) + kept.Sum(piece => (piece.Length + 7L) / 8 * 8);
            Assert.Equal(expected, arena.Allocated);
            arena.Reset();
            Assert.Equal(0, arena.Allocated);
        }
    }

    [Fact]
    public void Memory_for_the_request_is_aligned_and_zero_and_nobody_elses()
    {
        using ProcessArena process = Create(ArenaReclamation.PerRequest, debug: false);
        using Arena arena = process.CreateArena();
        for (int request = 0; request < 10; request++)
        {
            List<(long Start, long End)> taken = [];
            for (int round = 0; round < 12; round++)
            {
                using ArenaMark mark = arena.Mark();
                foreach (int count in new[] { 1, 3, 7 })
                {
                    Take(taken, MemoryMarshal.AsBytes(arena.AllocateForRequest<Guid>(count).Span), 8);
                    Take(taken, MemoryMarshal.AsBytes(arena.AllocateForRequest<System.Runtime.Intrinsics.Vector256<byte>>(count).Span), 32);
                }

                arena.Allocate<byte>(64 + round).Fill(0xEE);
            }

            arena.Reset();
        }
    }

    [Fact]
    public void Under_never_no_byte_for_a_request_serves_another()
    {
        using ProcessArena process = Create(ArenaReclamation.Never, debug: false);
        using Arena arena = process.CreateArena();
        HashSet<long> seen = [];
        for (int request = 0; request < 200; request++)
        {
            using (arena.Mark())
            {
                Note(seen, arena.AllocateForRequest<byte>(16).Span);
            }

            Note(seen, arena.Allocate<byte>(32));
            arena.Reset();
        }

        // One block after another is filled from both ends: no request takes a block of its own.
        Assert.InRange(process.Used, 200 * 48, 200 * 48 * 5 / 4);
    }

    [Fact]
    public void What_a_mark_would_take_back_is_not_grown_into()
    {
        using ProcessArena process = Create(ArenaReclamation.PerRequest, debug: false);
        using Arena arena = process.CreateArena();
        UnsafeSlice<byte> slice = arena.AllocateForRequest<byte>(16);
        Assert.True(arena.TryResizeForRequest(ref slice, 32));
        using (arena.Mark())
        {
            Assert.False(arena.TryResizeForRequest(ref slice, 64));
            Assert.Equal(32, slice.Length);
        }

        Assert.True(arena.TryResizeForRequest(ref slice, 64));
    }

    [Theory]
    [MemberData(nameof(Policies))]
    public void A_parked_arena_refuses_everything_and_goes_on_where_it_was(ArenaReclamation reclamation, bool debug)
    {
        using ProcessArena process = Create(reclamation, debug);
        using Arena arena = process.CreateArena();
        for (int request = 0; request < 5; request++)
        {
            arena.Owner = "trace-17";
            UnsafeSlice<byte> newest = arena.AllocateUnsafe<byte>(64);
            arena.Reset();
            long used = process.Held;
            arena.Park();
            foreach (Action use in Uses(arena))
            {
                var refused = Assert.Throws<ObjectDisposedException>(use);
                Assert.Equal(debug, refused.Message.Contains("trace-17", StringComparison.Ordinal));
            }

            Assert.False(arena.TryResize(ref newest, 80));
            Assert.Equal(0, arena.Allocated);
            arena.Unpark();
            arena.Allocate<byte>(8).Fill(0xEE);
            Assert.Equal(8, arena.Allocated);
            if (!debug && reclamation == ArenaReclamation.Never)
            {
                Assert.Equal(used, process.Held);
            }

            arena.Reset();
        }
    }

    [Fact]
    public void A_parked_arena_can_be_disposed()
    {
        using ProcessArena process = Create(ArenaReclamation.PerRequest, debug: false);
        Arena arena = process.CreateArena();
        arena.New(1);
        arena.Reset();
        arena.Park();
        arena.Dispose();
        Assert.Equal(0, process.Used);
        Assert.Throws<ObjectDisposedException>(() => arena.New(1));
    }

    internal static IEnumerable<Action> Uses(Arena arena) =>
    [
        () => arena.Allocate<byte>(0),
        () => arena.Allocate<byte>(1),
        () => arena.Allocate<byte>(100_000),
        () => arena.AllocateAligned<byte>(1, 64),
        () => arena.AllocateForRequest<byte>(1),
        () => arena.AllocateMemory(1),
        () => arena.New(1),
        () => arena.Copy([1]),
        () => arena.TryReserve(1),
        () => arena.Mark(),
        () => arena.OnReset(_ => { }, null),
        () => arena.CreateWriter(),
        () => arena.CreateList<int>(),
        () => arena.CreateQueue<int>(),
        () => arena.CreateDictionary<int, int>(),
        () => arena.CreateBytesDictionary<int>(),
        () => arena.AllocateMemory<int>(1),
        () => arena.CreateChild(),
        () => arena.Reset(),
    ];

    private static void Keep(Arena arena, List<UnsafeSlice<byte>> kept, int count)
    {
        UnsafeSlice<byte> piece = arena.AllocateForRequest<byte>(count);
        Assert.False(piece.Span.ContainsAnyExcept((byte)0));
        piece.Span.Fill((byte)(kept.Count + 1));
        kept.Add(piece);
    }

    private static void AssertIntact(List<UnsafeSlice<byte>> kept)
    {
        for (int index = 0; index < kept.Count; index++)
        {
            Assert.False(kept[index].Span.ContainsAnyExcept((byte)(index + 1)));
        }
    }

    private static void Take(List<(long Start, long End)> taken, Span<byte> memory, int alignment)
    {
        long start = (long)Unsafe.AsPointer(ref MemoryMarshal.GetReference(memory));
        Assert.Equal(0, start % alignment);
        Assert.False(memory.ContainsAnyExcept((byte)0));
        long end = start + memory.Length;
        Assert.DoesNotContain(taken, other => start < other.End && other.Start < end);
        memory.Fill(0xAB);
        taken.Add((start, end));
    }

    private static void Note(HashSet<long> seen, Span<byte> memory)
    {
        long start = (long)Unsafe.AsPointer(ref MemoryMarshal.GetReference(memory));
        for (int offset = 0; offset < memory.Length; offset += 8)
        {
            Assert.True(seen.Add(start + offset), "A byte served two requests.");
        }
    }

    private static ProcessArena Create(ArenaReclamation reclamation, bool debug) =>
        new(new() { Capacity = 1 << 20, BlockSize = BlockSize, Reclamation = reclamation, Debug = debug });
}
