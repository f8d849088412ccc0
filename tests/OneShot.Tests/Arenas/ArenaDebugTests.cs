using OneShot.Tests.Memory;

namespace OneShot.Tests.Arenas;

public unsafe class ArenaDebugTests
{
    [Theory]
    [InlineData(ArenaReclamation.Never)]
    [InlineData(ArenaReclamation.PerRequest)]
    [InlineData(ArenaReclamation.Generational)]
    public void A_span_that_outlives_its_request_faults(ArenaReclamation reclamation)
    {
        Assert.SkipUnless(Accessibility.Available, "Accessibility is found out by access(2).");
        using ProcessArena process = Process(reclamation);
        using Arena arena = process.CreateArena();
        fixed (byte* small = arena.Allocate<byte>(10), large = arena.Allocate<byte>(100_000))
        {
            Assert.True(Accessibility.IsReadable(small) && Accessibility.IsReadable(large) && Accessibility.IsReadable(large + 99_999));
            arena.Reset();
            Assert.False(Accessibility.IsReadable(small) || Accessibility.IsReadable(large) || Accessibility.IsReadable(large + 99_999));
            arena.Allocate<byte>(10).Fill(1);
            Assert.False(Accessibility.IsReadable(small));
        }
    }

    [Fact]
    public void Requests_without_end_reuse_forbidden_pages_when_there_are_no_others()
    {
        using ProcessArena process = Process(ArenaReclamation.PerRequest);
        using Arena arena = process.CreateArena();
        for (int request = 0; request < 500; request++)
        {
            Span<byte> memory = arena.Allocate<byte>(3000);
            Assert.False(memory.ContainsAnyExcept((byte)0));
            memory.Fill(1);
            arena.Reset();
        }

        Assert.Equal(0, process.FallbackBlocks);
        Assert.NotEqual(0, process.Statistics.BlocksReused);
    }

    [Fact]
    public void An_overrun_is_found_at_reset_with_owner_and_size()
    {
        using ProcessArena process = Process();
        using Arena arena = process.CreateArena();
        arena.Owner = "request 0HN:01";
        arena.Allocate<byte>(8).Fill(1);
        fixed (byte* memory = arena.Allocate<byte>(13))
        {
            memory[13] = 0;
        }

        arena.Allocate<byte>(8).Fill(1);
        ArenaCorruptedException found = Assert.Throws<ArenaCorruptedException>(arena.Reset);
        Assert.Equal("request 0HN:01", found.Owner);
        Assert.Equal(13, found.Size);
        Assert.Contains("request 0HN:01", found.Message, StringComparison.Ordinal);
        Assert.Contains("13 bytes", found.Message, StringComparison.Ordinal);
        Assert.Equal(1, arena.Epoch);
        Assert.Null(arena.Owner);
        arena.Allocate<byte>(8).Fill(1);
        arena.Reset();
    }

    [Fact]
    public void An_overrun_is_found_when_it_is_rewound_or_resized()
    {
        using ProcessArena process = Process();
        using Arena arena = process.CreateArena();
        ArenaMark mark = arena.Mark();
        UnsafeSlice<byte> slice = arena.AllocateUnsafe<byte>(16);
        Assert.True(arena.TryResize(ref slice, 20));
        slice.Pointer[20] = 1;
        Assert.False(arena.TryResize(ref slice, 30));
        Assert.Throws<ArenaCorruptedException>(mark.Dispose);
        Assert.Equal(0, arena.Allocated);
        arena.Reset();
    }

    [Fact]
    public void Rewound_memory_does_not_look_alive()
    {
        using ProcessArena process = Process();
        using Arena arena = process.CreateArena();
        Span<byte> stale;
        using (arena.Mark())
        {
            stale = arena.Allocate<byte>(8);
        }

        Assert.False(stale.ContainsAnyExcept((byte)0xDD));
        arena.Allocate<byte>(8).Fill(1);
        Assert.False(stale.ContainsAnyExcept((byte)0xDD));
    }

    [Fact]
    public void Two_threads_inside_one_arena_are_told()
    {
        using ProcessArena process = Process();
        using Arena arena = process.CreateArena();
        arena.Owner = "job 7";
        InvalidOperationException? told = null;
        arena.OnReset(
            _ =>
            {
                var intruder = new Thread(() => told = Assert.Throws<InvalidOperationException>(() => { arena.Allocate<byte>(8); }));
                intruder.Start();
                intruder.Join();
                arena.Allocate<byte>(8);
            },
            null);
        arena.Reset();
        Assert.Contains("job 7", told!.Message, StringComparison.Ordinal);
        arena.Allocate<byte>(8);
    }

    [Fact]
    public void Reserving_answers_for_the_next_allocation_here_too()
    {
        using var process = new ProcessArena(new() { Capacity = 8192, BlockSize = 4096, Debug = true, Exhaustion = ArenaExhaustion.Reject });
        using Arena arena = process.CreateArena();
        Assert.True(arena.TryReserve(4000));
        arena.Allocate<byte>(4000);
        Assert.True(arena.TryReserve(4000));
        arena.Allocate<byte>(4000);
        Assert.False(arena.TryReserve(4000));
        Assert.Throws<ArenaExhaustedException>(() => { arena.Allocate<byte>(4000); });
    }

    [Fact]
    public void The_byte_behind_every_allocation_is_inaccessible_with_guard_pages()
    {
        Assert.SkipUnless(Accessibility.Available, "Accessibility is found out by access(2).");
        using var process = new ProcessArena(new() { Debug = true, GuardPages = true });
        using Arena arena = process.CreateArena();
        for (int size = 1; size < 10_000; size += size < 100 ? 1 : 997)
        {
            fixed (byte* memory = arena.Allocate<byte>(size))
            {
                Assert.True(Accessibility.IsReadable(memory + size - 1));
                Assert.False(Accessibility.IsReadable(memory + size));
            }
        }

        fixed (int* memory = arena.Allocate<int>(3))
        {
            Assert.Equal(0, (long)memory % 4);
            Assert.False(Accessibility.IsReadable(memory + 3));
        }
    }

    private static ProcessArena Process(ArenaReclamation reclamation = ArenaReclamation.Never) =>
        new(new() { Capacity = 1 << 20, BlockSize = 4096, Reclamation = reclamation, Debug = true });
}
