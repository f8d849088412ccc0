using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace OneShot.Tests.Arenas;

public unsafe class ProcessArenaTests
{
    [Fact]
    public void Memory_is_zero_aligned_and_counted_in_steps_of_eight_bytes()
    {
        using var process = new ProcessArena(new() { Capacity = 64 << 10 });
        Span<byte> first = process.Allocate(1);
        Span<byte> second = process.Allocate(9);
        Assert.Equal(0, Address(first) % 8);
        Assert.Equal(Address(first) + 8, Address(second));
        Assert.Equal(9, second.Length);
        Assert.False(second.ContainsAnyExcept((byte)0));
        Assert.Equal(24, process.Used);
        Assert.Equal((64 << 10) - 24, process.Remaining);
        Assert.Equal(24.0 / (64 << 10), process.Utilization);
    }

    [Fact]
    public void An_empty_allocation_costs_nothing()
    {
        using var process = new ProcessArena();
        Assert.True(process.TryAllocate(0, out Span<byte> memory));
        Assert.True(memory.IsEmpty);
        Assert.Equal(0, process.Used);
    }

    [Fact]
    public void The_cap_is_reached_to_the_byte_and_never_passed()
    {
        using var process = new ProcessArena(new() { Capacity = 4096 + 8, BlockSize = 1024 });
        Assert.False(process.TryAllocate(4096 + 9, out _));
        Assert.True(process.TryAllocate(4096, out _));
        Assert.False(process.TryAllocate(9, out _));
        Assert.True(process.TryAllocate(8, out Span<byte> last));
        last.Fill(1);
        Assert.False(process.TryAllocate(1, out _));
        Assert.Equal(0, process.Remaining);
        Assert.Equal(1.0, process.Utilization);
    }

    [Theory]
    [InlineData(64 << 20, 16 << 10, ArenaReclamation.Never, 0, 64 << 20)]
    [InlineData(100_000, 1024, ArenaReclamation.Never, 0, 97 * 1024)]
    [InlineData(100_000, 1152, ArenaReclamation.PerRequest, 0, 78 * 1280)] // the size class of 1152
    [InlineData(1000 << 10, 16 << 10, ArenaReclamation.Generational, 400 << 10, 992 << 10)] // 25, 25 and 12 blocks
    [InlineData(1000 << 10, 150 << 10, ArenaReclamation.Generational, 0, 900 << 10)]
    public void Arenas_can_take_whole_blocks_and_whole_generations(long capacity, int block, ArenaReclamation reclamation, long generation, long expected)
    {
        using ProcessArena process = new(new() { Capacity = capacity, BlockSize = block, Reclamation = reclamation, GenerationSize = generation });
        List<Arena> arenas = [];
        while (process.FallbackBlocks == 0)
        {
            Arena arena = process.CreateArena();
            arenas.Add(arena);
            arena.Allocate<byte>(block);
        }

        Assert.Equal(expected, process.BlockCapacity);
        Assert.Equal(expected, process.Used + ((arenas.Count - 1) * (long)(process.StandardBlock - (nuint)block)));
        arenas.ForEach(arena => arena.Dispose());
    }

    [Fact]
    public void A_full_arena_does_not_creep_however_often_it_is_asked()
    {
        using var process = new ProcessArena(new() { Capacity = 4096, BlockSize = 1024 });
        process.Allocate(4096 - 8);
        for (int attempt = 0; attempt < 1_000_000; attempt++)
        {
            Assert.False(process.TryAllocate(int.MaxValue, out _));
        }

        Assert.Equal(8, process.Remaining);
        Assert.True(process.TryAllocate(8, out _));
    }

    [Fact]
    public void Memory_is_committed_as_it_is_used_up_to_the_cap()
    {
        using var process = new ProcessArena(new() { Capacity = (9 << 20) + 24 });
        int allocated = 0;
        while (process.TryAllocate(100_000, out Span<byte> memory))
        {
            memory[0] = 1;
            memory[^1] = 1;
            allocated++;
        }

        Assert.Equal(((9 << 20) + 24) / 100_000, allocated);
    }

    [Fact]
    public void A_large_arena_is_served_beyond_four_gigabytes()
    {
        using var process = new ProcessArena(new() { Capacity = 6L << 30 });
        for (int index = 0; index < 3; index++)
        {
            Span<byte> memory = process.Allocate(int.MaxValue);
            Assert.Equal(int.MaxValue, memory.Length);
        }

        Assert.False(process.TryAllocate(int.MaxValue, out _));
        Assert.Equal(3L << 31, process.Used);
    }

    [Fact]
    public void Exhaustion_says_what_was_asked_for_and_what_is_left()
    {
        using var process = new ProcessArena(new() { Capacity = 4096, BlockSize = 1024 });
        process.Allocate(4000);
        ArenaExhaustedException full = Assert.Throws<ArenaExhaustedException>(() => { process.Allocate(1000); });
        Assert.Equal(1000, full.Requested);
        Assert.Equal(4096, full.Capacity);
        Assert.Equal(4000, full.Used);
        Assert.Contains("1000", full.Message, StringComparison.Ordinal);
        Assert.Contains("4000", full.Message, StringComparison.Ordinal);
        Assert.Contains("4096", full.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_negative_size_is_refused()
    {
        using var process = new ProcessArena(new() { Capacity = 8L << 30 });
        Assert.Throws<ArgumentOutOfRangeException>(() => { process.Allocate(-1); });
        Assert.Throws<ArgumentOutOfRangeException>(() => { process.TryAllocate(int.MinValue, out _); });
        Assert.Equal(0, process.Used);
    }

    [Fact]
    public void A_disposed_arena_says_so()
    {
        var process = new ProcessArena();
        process.Allocate(8);
        process.Dispose();
        process.Dispose();
        Assert.Throws<ObjectDisposedException>(() => { process.Allocate(8); });
        Assert.Throws<ObjectDisposedException>(() => { process.TryAllocate(8, out _); });
        Assert.Throws<ObjectDisposedException>(() => { process.CreateArena(); });
    }

    [Fact]
    public void Address_space_that_the_system_refuses_is_an_error_with_its_code()
    {
        var regions = new List<ProcessArena>();
        try
        {
            // 47 bits of address space hold fewer than nine regions of 16 TiB.
            MemoryRegionException refused = Assert.Throws<MemoryRegionException>(() =>
            {
                for (int index = 0; index < 9; index++)
                {
                    regions.Add(new ProcessArena(new() { Capacity = 1L << 44 }));
                }
            });
            Assert.NotEqual(0, refused.ErrorCode);
        }
        finally
        {
            regions.ForEach(region => region.Dispose());
        }
    }

    [Theory]
    [InlineData(0, 16 << 10)]
    [InlineData(-1, 16 << 10)]
    [InlineData(1024, 2048)]
    [InlineData(long.MaxValue, 16 << 10)]
    [InlineData(1 << 20, 0)]
    [InlineData(1 << 20, -64)]
    [InlineData(1 << 20, 1000)]
    [InlineData(1 << 20, 1025)]
    [InlineData(1L << 40, 1 << 30)]
    public void A_capacity_or_block_size_out_of_range_is_refused_with_the_range(long capacity, int blockSize)
    {
        ArgumentOutOfRangeException refused = Assert.Throws<ArgumentOutOfRangeException>(
            () => new ProcessArena(new() { Capacity = capacity, BlockSize = blockSize }));
        Assert.Contains("must", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void An_undefined_policy_is_refused()
    {
        Assert.Throws<ArgumentOutOfRangeException>(() => new ProcessArena(new() { Reclamation = (ArenaReclamation)99 }));
        Assert.Throws<ArgumentOutOfRangeException>(() => new ProcessArena(new() { Exhaustion = (ArenaExhaustion)99 }));
    }

    private static long Address(Span<byte> memory) => (long)Unsafe.AsPointer(ref MemoryMarshal.GetReference(memory));
}
