using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using OneShot.Tests.Memory;

namespace OneShot.Tests.Arenas;

public unsafe class ArenaGenerationalTests
{
    private const int Block = 4096;
    private const int Generation = 64 << 10;

    [Fact]
    public void Traffic_without_end_needs_no_more_than_the_cap()
    {
        using ProcessArena process = Process();
        using Arena arena = process.CreateArena();
        for (int request = 0; request < 2000; request++)
        {
            Span<byte> memory = arena.Allocate<byte>(1000);
            Assert.False(memory.ContainsAnyExcept((byte)0));
            memory.Fill(1);
            arena.Allocate<byte>(3000).Fill(1);
            arena.Reset();
        }

        ArenaStatistics statistics = process.Statistics;
        Assert.Equal(0, statistics.FallbackBlocks);
        Assert.InRange(statistics.GenerationsRetired, 50, 500);
        Assert.Equal(1, statistics.GenerationsOpened - statistics.GenerationsRetired);
        Assert.InRange(statistics.Used, 1, Generation);
    }

    [Fact]
    public void A_request_that_lasts_keeps_its_generation_and_only_that()
    {
        using ProcessArena process = Process();
        using Arena lasting = process.CreateArena();
        UnsafeSlice<byte> held = lasting.AllocateUnsafe<byte>(100);
        held.Span.Fill(42);
        Churn(process, 500);
        Assert.Equal(2, process.Statistics.GenerationsOpened - process.Statistics.GenerationsRetired);
        Assert.False(held.Span.ContainsAnyExcept((byte)42));
        lasting.Reset();
        Assert.Equal(1, process.Statistics.GenerationsOpened - process.Statistics.GenerationsRetired);
    }

    [Fact]
    public void An_arena_that_idles_between_requests_does_not_keep_its_generation()
    {
        using ProcessArena process = Process();
        using Arena idle = process.CreateArena();
        long before = Address(idle.Allocate<byte>(100));
        idle.Reset();
        Churn(process, 500);
        Assert.Equal(1, process.Statistics.GenerationsOpened - process.Statistics.GenerationsRetired);
        Span<byte> memory = idle.Allocate<byte>(100);
        Assert.NotEqual(before + 104, Address(memory));
        memory.Fill(1);
    }

    [Fact]
    public void The_tail_of_a_block_serves_the_next_request_while_its_generation_is_open()
    {
        using ProcessArena process = Process();
        using Arena arena = process.CreateArena();
        long first = Address(arena.Allocate<byte>(100));
        arena.Reset();
        Assert.Equal(first + 104, Address(arena.Allocate<byte>(100)));
        arena.Reset();
        using (arena.Mark())
        {
            Assert.Equal(first + 208, Address(arena.Allocate<byte>(100)));
        }

        Assert.Equal(0, arena.Allocated);
        Assert.Equal(1, process.Statistics.BlocksTaken);
    }

    [Fact]
    public void A_retired_generation_gives_its_memory_back()
    {
        using var process = new ProcessArena(new() { Capacity = 8 << 20, Reclamation = ArenaReclamation.Generational });
        using Arena arena = process.CreateArena();
        long start = Address(arena.Allocate<byte>(1 << 20)) / Environment.SystemPageSize * Environment.SystemPageSize;
        new Span<byte>((void*)start, 1 << 20).Fill(1);
        long resident = ResidentSet.Bytes((nint)start, 1 << 20);
        arena.Reset();
        Churn(process, 2000);
        if (OperatingSystem.IsLinux())
        {
            Assert.Equal(1 << 20, resident);
            Assert.Equal(0, ResidentSet.Bytes((nint)start, 1 << 20));
        }
    }

    [Fact]
    public void A_block_larger_than_a_generation_is_one_of_its_own()
    {
        using ProcessArena process = Process();
        using Arena arena = process.CreateArena();
        arena.Allocate<byte>(8);
        Span<byte> large = arena.Allocate<byte>(Generation + 1);
        Assert.False(large.ContainsAnyExcept((byte)0));
        large.Fill(1);
        Assert.Equal(2, process.Statistics.GenerationsOpened);
        arena.Reset();
        Assert.Equal(1, process.Statistics.GenerationsRetired);
        Assert.Equal(0, process.FallbackBlocks);
        arena.Allocate<byte>((4 * Generation) + 1);
        Assert.Equal(1, process.FallbackBlocks);
    }

    [Fact]
    public void Requests_that_last_keep_their_blocks_and_not_the_cap()
    {
        using ProcessArena process = Process();
        List<Arena> lasting = [];
        for (int request = 0; request < 40; request++)
        {
            Arena arena = process.CreateArena();
            lasting.Add(arena);
            arena.Allocate<byte>(Block).Fill((byte)request);
            long used = process.Used;
            Churn(process, 40);
            Assert.Equal(used, process.Used);
        }

        Assert.Equal(40 * Block, process.Used);
        Assert.Equal(0, process.FallbackBlocks);
        Assert.InRange(process.Statistics.Committed, 40 * Block, 4 * Generation);
        lasting.ForEach(arena => arena.Dispose());
        Assert.Equal(0, process.Used);
    }

    [Fact]
    public void What_lasting_requests_hold_stays_as_it_is_while_the_rest_of_their_generations_is_emptied()
    {
        using ProcessArena process = Process();
        List<(Arena Arena, UnsafeSlice<byte> Held, byte Pattern)> lasting = [];
        var random = new Random(5);
        for (int turn = 0; turn < 3000; turn++)
        {
            if (lasting.Count < 30 && random.Next(4) == 0)
            {
                Arena arena = process.CreateArena();
                UnsafeSlice<byte> held = arena.AllocateUnsafe<byte>(random.Next(1, Block));
                Assert.False(held.Span.ContainsAnyExcept((byte)0));
                held.Span.Fill((byte)turn);
                lasting.Add((arena, held, (byte)turn));
            }
            else if (lasting.Count > 0 && random.Next(6) == 0)
            {
                int index = random.Next(lasting.Count);
                Assert.False(lasting[index].Held.Span.ContainsAnyExcept(lasting[index].Pattern));
                lasting[index].Arena.Dispose();
                lasting.RemoveAt(index);
            }

            Churn(process, 3);
        }

        Assert.Equal(0, process.FallbackBlocks);
        Assert.All(lasting, entry => Assert.False(entry.Held.Span.ContainsAnyExcept(entry.Pattern)));
        lasting.ForEach(entry => entry.Arena.Dispose());
        Assert.Equal(1, process.Statistics.GenerationsOpened - process.Statistics.GenerationsRetired);
    }

    [Fact]
    public void When_every_block_is_held_requests_fall_back_and_recover()
    {
        using ProcessArena process = Process();
        Arena[] lasting = [.. Enumerable.Range(0, 4 * Generation / Block).Select(_ => process.CreateArena())];
        Array.ForEach(lasting, arena => arena.Allocate<byte>(Block));
        Assert.Equal(0, process.FallbackBlocks);
        Churn(process, 1);
        Assert.Equal(1, process.FallbackBlocks);
        lasting[10].Dispose();
        using (Arena arena = process.CreateArena())
        {
            for (int request = 0; request < 100; request++)
            {
                Assert.False(arena.Allocate<byte>(Block).ContainsAnyExcept((byte)0));
                arena.Reset();
            }
        }

        Assert.Equal(1, process.FallbackBlocks);
        Array.ForEach(lasting, arena => arena.Dispose());
    }

    [Fact]
    public void The_largest_generation_refuses_no_job_while_there_is_room()
    {
        using var process = new ProcessArena(new()
        {
            Capacity = 4 << 20,
            BlockSize = Block,
            GenerationSize = 2 << 20,
            Reclamation = ArenaReclamation.Generational,
            Exhaustion = ArenaExhaustion.Throw,
        });
        var random = new Random(3);
        Arena[] jobs = [.. Enumerable.Range(0, 4).Select(_ => process.CreateArena())];
        for (int turn = 0; turn < 20_000; turn++)
        {
            Arena job = jobs[random.Next(jobs.Length)];
            if (job.Allocated > 3 * Block)
            {
                job.Reset();
            }

            job.Allocate<byte>(random.Next(1, Block));
        }

        Array.ForEach(jobs, job => job.Dispose());
    }

    [Fact]
    public void What_is_stale_reads_zeros_or_what_it_was_and_never_faults_or_meets_another_request_soon()
    {
        Assert.SkipUnless(Accessibility.Available, "Readability is found out by access(2).");
        using ProcessArena process = Process();
        using Arena arena = process.CreateArena();
        List<nint> stale = [];
        for (int request = 0; request < 1000; request++)
        {
            Span<byte> memory = arena.Allocate<byte>(Block);
            memory.Fill(1);
            stale.Add((nint)Address(memory));
            arena.Reset();
            Assert.True(Accessibility.IsReadable((void*)stale[^1]));
            Assert.All(stale.TakeLast(200), address => Assert.True(*(byte*)address is 0 or 1));
        }

        Assert.All(stale, address => Assert.True(Accessibility.IsReadable((void*)address)));

        // A generation's address space serves again after 16 others, not before.
        Assert.InRange(stale.Distinct().Count(), 16 * Generation / Block, 22 * Generation / Block);
    }

    [Fact]
    public void Nothing_is_allocated_without_an_arena()
    {
        using ProcessArena process = Process();
        Assert.Throws<InvalidOperationException>(() => { process.Allocate(8); });
        Assert.Throws<InvalidOperationException>(() => { process.TryAllocate(0, out _); });
    }

    [Theory]
    [InlineData(Block - 64)]
    [InlineData((2 * Generation) + 64)]
    [InlineData(-1)]
    public void A_generation_size_out_of_range_is_refused(long size) => Assert.Throws<ArgumentOutOfRangeException>(() => new ProcessArena(new()
    {
        Capacity = 4 * Generation,
        BlockSize = Block,
        Reclamation = ArenaReclamation.Generational,
        GenerationSize = size,
    }));

    [Fact]
    public void A_disposed_process_arena_hands_out_nothing_and_leaves_its_arenas_what_they_have()
    {
        ProcessArena process = Process();
        Arena arena = process.CreateArena();
        UnsafeSlice<byte> held = arena.AllocateUnsafe<byte>(8);
        process.Dispose();
        held.Span.Fill(1);
        Assert.Throws<ObjectDisposedException>(() => { arena.Allocate<byte>(Block); });
        arena.Dispose();
    }

    private static void Churn(ProcessArena process, int requests)
    {
        using Arena arena = process.CreateArena();
        for (int request = 0; request < requests; request++)
        {
            arena.Allocate<byte>(4000).Fill(1);
            arena.Reset();
        }
    }

    private static ProcessArena Process() => new(new()
    {
        Capacity = 4 * Generation,
        BlockSize = Block,
        GenerationSize = Generation,
        Reclamation = ArenaReclamation.Generational,
    });

    private static long Address(Span<byte> memory) => (long)Unsafe.AsPointer(ref MemoryMarshal.GetReference(memory));
}
