using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using OneShot.Memory;
using OneShot.Tests.Memory;

namespace OneShot.Tests.Arenas;

/// <summary>Fresh memory is faulted in by steps, ahead of those who write to it: how much of it is resident, and when.</summary>
public unsafe class PopulateTests
{
    private const int Kilobyte = 1 << 10;
    private const int Megabyte = 1 << 20;

    private static readonly int s_page = Environment.SystemPageSize;

    [Fact]
    public void A_first_allocation_has_the_whole_step_faulted_in_and_no_more()
    {
        SkipUnlessPopulated();
        using var process = new ProcessArena(new() { Capacity = 16 * Megabyte, PopulateStep = 64 * Kilobyte });
        nint start = Address(process.Allocate(8));
        Assert.Equal(64 * Kilobyte, ResidentSet.Bytes(start, 2 * Megabyte));
        process.Allocate((64 * Kilobyte) - 8);
        Assert.Equal(64 * Kilobyte, ResidentSet.Bytes(start, 2 * Megabyte));
        process.Allocate(8);
        Assert.Equal(128 * Kilobyte, ResidentSet.Bytes(start, 2 * Megabyte));
    }

    [Theory]
    [InlineData(ArenaReclamation.Never)]
    [InlineData(ArenaReclamation.PerRequest)]
    public void An_arena_s_blocks_are_faulted_in_before_they_are_written(ArenaReclamation reclamation)
    {
        SkipUnlessPopulated();
        using var process = new ProcessArena(new() { Capacity = 16 * Megabyte, Reclamation = reclamation, BlockSize = 16 * Kilobyte });
        using Arena arena = process.CreateArena();
        nint start = Address(arena.Allocate<byte>(8)) / s_page * s_page;
        Assert.Equal(16 * Kilobyte, ResidentSet.Bytes(start, 16 * Kilobyte));
    }

    [Fact]
    public void Of_a_large_allocation_only_the_last_step_is_faulted_in()
    {
        SkipUnlessPopulated();
        using var process = new ProcessArena(new() { Capacity = 16 * Megabyte, PopulateStep = 64 * Kilobyte });
        nint start = Address(process.Allocate((5 * Megabyte) + 8));
        Assert.Equal(64 * Kilobyte, ResidentSet.Bytes(start, 6 * Megabyte));
    }

    [Fact]
    public void Without_steps_a_page_comes_when_it_is_written()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "What is resident is read off Linux.");
        using var process = new ProcessArena(new() { Capacity = 16 * Megabyte, PopulateStep = 0 });
        Span<byte> memory = process.Allocate(64 * Kilobyte);
        Assert.Equal(0, ResidentSet.Bytes(Address(memory), 64 * Kilobyte));
        memory[0] = 1;
        Assert.Equal(s_page, ResidentSet.Bytes(Address(memory), 64 * Kilobyte));
    }

    // A block of a generation is taken within its lock.
    [Fact]
    public void Generations_have_no_steps() => Assert.Equal(0, RegionSettings.Of(new() { Reclamation = ArenaReclamation.Generational }).PopulateStep);

    [Fact]
    public void Beside_a_thread_that_touches_ahead_there_are_no_steps() =>
        Assert.Equal(0, RegionSettings.Of(new() { PreTouch = Megabyte }).PopulateStep);

    [Theory]
    [InlineData(1, false, 4096)]
    [InlineData(256 * Kilobyte, false, 256 * Kilobyte)]
    [InlineData(256 * Kilobyte, true, 2 * Megabyte)]
    [InlineData(100_000, false, 128 * Kilobyte)]
    [InlineData(2 * Megabyte, true, 2 * Megabyte)]
    [InlineData(0, true, 0)]
    public void A_step_is_of_whole_pages_of_the_size_asked_for(int step, bool hugePages, long expected)
    {
        SkipUnlessPopulated();
        Assert.SkipUnless(s_page == 4096, "Written for pages of 4 KiB.");
        Assert.Equal(expected, RegionSettings.Of(new() { PopulateStep = step, HugePages = hugePages }).PopulateStep);
    }

    // The step is made outside any lock, on pages that others have by then.
    [Fact]
    public void Threads_that_take_beside_each_other_never_see_a_byte_change()
    {
        using var process = new ProcessArena(new() { Capacity = 64 * Megabyte, PopulateStep = 16 * Kilobyte });
        bool isClean = true;
        long taken = 0;
        Parallel.For(0, 4, new ParallelOptions { MaxDegreeOfParallelism = 4 }, worker =>
        {
            while (process.TryAllocate(4096, out Span<byte> page))
            {
                bool wasZero = !page.ContainsAnyExcept((byte)0);
                page.Fill((byte)(worker + 1));
                if (!wasZero || page.ContainsAnyExcept((byte)(worker + 1)))
                {
                    Volatile.Write(ref isClean, false);
                }

                Interlocked.Add(ref taken, page.Length);
            }
        });
        Assert.True(isClean);
        Assert.Equal(64 * Megabyte, taken);
    }

    [Theory]
    [InlineData(ArenaReclamation.Never)]
    [InlineData(ArenaReclamation.PerRequest)]
    public void At_the_start_all_of_it_is_resident_and_zero(ArenaReclamation reclamation)
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "What is resident is read off Linux.");
        using var process = new ProcessArena(new() { Capacity = 4 * Megabyte, Reclamation = reclamation, PopulateAtStart = true, PreTouch = Megabyte });
        Assert.Equal(4 * Megabyte, process.Statistics.Committed);
        Span<byte> first = process.Allocate(8);
        Assert.Equal(4 * Megabyte, ResidentSet.Bytes(Address(first), 4 * Megabyte));
        while (process.TryAllocate(4096, out Span<byte> page))
        {
            Assert.False(page.ContainsAnyExcept((byte)0));
        }

        Assert.InRange(process.Remaining, 0, 4095);
    }

    [Fact]
    public void Generations_and_the_debug_option_populate_nothing_at_the_start()
    {
        using var generational = new ProcessArena(new() { Capacity = 4 * Megabyte, Reclamation = ArenaReclamation.Generational, PopulateAtStart = true });
        using var debug = new ProcessArena(new() { Capacity = 4 * Megabyte, Debug = true, PopulateAtStart = true });
        Assert.Equal(0, generational.Statistics.Committed);
        Assert.Equal(0, debug.Statistics.Committed);
    }

    [Fact]
    public void Where_the_system_refuses_at_the_start_memory_comes_as_it_is_used()
    {
        FaultInjection.FailAfter(2); // the address space is the first
        using var process = new ProcessArena(new() { Capacity = 4 * Megabyte, PopulateAtStart = true });
        Assert.True(FaultInjection.Stop());
        Assert.Equal(0, process.Statistics.Committed);
        process.Allocate(8).Fill(1);
        Assert.Equal(2 * Megabyte, process.Statistics.Committed);
    }

    [Theory]
    [InlineData(-1)]
    [InlineData((2 << 20) + 1)]
    public void A_step_out_of_range_is_refused(int step) =>
        Assert.Throws<ArgumentOutOfRangeException>(() => new ProcessArena(new() { PopulateStep = step }));

    private static void SkipUnlessPopulated() => Assert.SkipUnless(MemoryRegion.CanPopulate, "This system has no MADV_POPULATE_WRITE.");

    private static nint Address(Span<byte> memory) => (nint)Unsafe.AsPointer(ref MemoryMarshal.GetReference(memory));
}
