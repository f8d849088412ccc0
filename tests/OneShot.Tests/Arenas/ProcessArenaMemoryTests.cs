using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using OneShot.Tests.Memory;

namespace OneShot.Tests.Arenas;

/// <summary>What an arena asks of the operating system: how much it commits, touches ahead, gives back.</summary>
public unsafe class ProcessArenaMemoryTests
{
    private const int Megabyte = 1 << 20;

    [Fact]
    public void Memory_is_committed_as_the_cursor_moves()
    {
        using var process = new ProcessArena(new() { Capacity = 64 * Megabyte });
        Assert.Equal(0, process.Statistics.Committed);
        process.Allocate(1);
        Assert.Equal(2 * Megabyte, process.Statistics.Committed);
        process.Allocate(5 * Megabyte);
        Assert.Equal(6 * Megabyte, process.Statistics.Committed);
    }

    [Fact]
    public void Trimming_gives_waiting_blocks_back_and_leaves_them_usable()
    {
        using var process = new ProcessArena(new() { Capacity = 16 * Megabyte, Reclamation = ArenaReclamation.PerRequest });
        using Arena arena = process.CreateArena();
        Span<byte> large = arena.Allocate<byte>(8 * Megabyte);
        large.Fill(1);
        nint start = Address(large) / Environment.SystemPageSize * Environment.SystemPageSize;
        arena.Reset();
        Assert.InRange(process.Trim(), (8 * Megabyte) - (2 * Environment.SystemPageSize), 8 * Megabyte);
        if (OperatingSystem.IsLinux())
        {
            Assert.InRange(ResidentSet.Bytes(start, 8 * Megabyte), 0, 2 * Environment.SystemPageSize);
        }

        Span<byte> again = arena.Allocate<byte>(8 * Megabyte);
        Assert.Equal(Address(large), Address(again));
        Assert.False(again.ContainsAnyExcept((byte)0));
        again.Fill(1);
    }

    [Fact]
    public void Trimming_finds_nothing_where_no_block_waits()
    {
        var process = new ProcessArena();
        process.Allocate(100_000);
        Assert.Equal(0, process.Trim());
        process.Dispose();
        Assert.Equal(0, process.Trim());
    }

    [Theory]
    [InlineData(ArenaReclamation.Never)]
    [InlineData(ArenaReclamation.Generational)]
    public void Pre_touch_keeps_memory_ahead_of_the_cursor_faulted_in(ArenaReclamation reclamation)
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "Residency is read by mincore(2).");
        using var process = new ProcessArena(new() { Capacity = 64 * Megabyte, GenerationSize = 16 * Megabyte, PreTouch = 4 * Megabyte, Reclamation = reclamation });
        using Arena arena = process.CreateArena();
        nint first = Address(arena.Allocate<byte>(1));
        Assert.True(SpinWait.SpinUntil(() => ResidentSet.Bytes(first, 4 * Megabyte) == 4 * Megabyte, TimeSpan.FromSeconds(30)), "Nobody touched the memory ahead.");

        nint later = Address(arena.Allocate<byte>(3 * Megabyte)) + (3 * Megabyte);
        later = later / Environment.SystemPageSize * Environment.SystemPageSize;
        Assert.True(SpinWait.SpinUntil(() => ResidentSet.Bytes(later, 4 * Megabyte) == 4 * Megabyte, TimeSpan.FromSeconds(30)), "The thread did not keep up.");
        Assert.InRange(process.Statistics.Committed, 7 * Megabyte, 64 * Megabyte);
    }

    [Fact]
    public void Locked_memory_keeps_to_the_cap()
    {
        const int Capacity = 2 * Megabyte;
        using var process = new ProcessArena(new() { Capacity = Capacity, Reclamation = ArenaReclamation.Generational, Exhaustion = ArenaExhaustion.Throw });
        using Arena arena = process.CreateArena();
        var seen = new HashSet<nint>();
        for (int request = 0; request < 2000; request++)
        {
            Span<byte> memory = arena.Allocate<byte>(16 << 10);
            Assert.False(memory.ContainsAnyExcept((byte)0));
            memory.Fill(1);
            nint address = Address(memory);
            if (seen.Add(address))
            {
                Assert.SkipUnless(OperatingSystem.IsLinux() && LockedMemory.TryLock((void*)address, 16 << 10), "This process may not lock memory.");
            }

            arena.Reset();
        }

        Assert.InRange(seen.Sum(address => ResidentSet.Bytes(address, 16 << 10)), 1, Capacity);
        Assert.InRange(process.Statistics.Committed, 1, Capacity);
    }

    [Fact]
    public void Pre_touch_never_changes_a_byte_that_is_in_use()
    {
        using var process = new ProcessArena(new() { Capacity = 256 * Megabyte, BlockSize = Megabyte, PreTouch = 16 * Megabyte });
        int turn = 0;
        while (process.TryAllocate(4096, out Span<byte> page))
        {
            Assert.False(page.ContainsAnyExcept((byte)0));
            page.Fill((byte)++turn);
            Assert.False(page.ContainsAnyExcept((byte)turn));
        }

        Assert.Equal(65536, turn);
    }

    [Fact]
    public void Disposing_stops_the_pre_touch_thread_whatever_it_is_doing()
    {
        for (int round = 0; round < 50; round++)
        {
            using var process = new ProcessArena(new() { Capacity = 64 * Megabyte, PreTouch = 32 * Megabyte });
            process.Allocate(round * 8);
        }
    }

    [Fact]
    public void Huge_pages_are_asked_for_where_the_kernel_has_them()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux() && File.Exists("/sys/kernel/mm/transparent_hugepage/enabled"), "This kernel has no transparent huge pages.");
        using var process = new ProcessArena(new() { Capacity = 32 * Megabyte, HugePages = true });
        Assert.True(process.Statistics.HugePages);
        Span<byte> memory = process.Allocate(5 * Megabyte);
        memory.Fill(1);
        Assert.Equal(0, Address(memory) % (2 * Megabyte));
        Assert.Contains("hg", MappingFlags.Of(Address(memory)), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(ArenaReclamation.Never)]
    [InlineData(ArenaReclamation.PerRequest)]
    [InlineData(ArenaReclamation.Generational)]
    public void Core_dumps_hold_nothing_of_a_request_unless_asked_to(ArenaReclamation reclamation)
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "Flags are read from smaps.");
        foreach (bool isExcluded in (bool[])[true, false])
        {
            using var process = new ProcessArena(new() { Reclamation = reclamation, ExcludeFromCoreDumps = isExcluded });
            using Arena arena = process.CreateArena();
            for (int request = 0; request < 1000; request++)
            {
                Span<byte> memory = arena.Allocate<byte>(16000);
                if (request % 200 == 0)
                {
                    Assert.Equal(isExcluded, MappingFlags.Of(Address(memory)).Contains(" dd", StringComparison.Ordinal));
                }

                arena.Reset();
            }
        }

        Assert.True(new ProcessArenaOptions().ExcludeFromCoreDumps);
    }

    [Theory]
    [InlineData(-1)]
    [InlineData((1L << 30) + 1)]
    public void A_pre_touch_out_of_range_is_refused(long preTouch) =>
        Assert.Throws<ArgumentOutOfRangeException>(() => new ProcessArena(new() { PreTouch = preTouch }));

    private static nint Address(Span<byte> memory) => (nint)Unsafe.AsPointer(ref MemoryMarshal.GetReference(memory));
}
