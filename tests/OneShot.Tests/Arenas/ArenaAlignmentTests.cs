using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace OneShot.Tests.Arenas;

public unsafe class ArenaAlignmentTests
{
    [Fact]
    public void Memory_is_aligned_up_to_a_page_in_blocks_large_blocks_and_fallback_blocks()
    {
        using var process = new ProcessArena(new() { Capacity = 64 << 10, BlockSize = 8192 });
        using Arena arena = process.CreateArena();
        for (int round = 0; round < 5; round++)
        {
            for (int alignment = 1; alignment <= Environment.SystemPageSize; alignment *= 2)
            {
                foreach (int size in (int[])[1, 100, 10_000])
                {
                    Span<byte> memory = arena.AllocateAligned<byte>(size, alignment);
                    Assert.Equal(0, (long)Unsafe.AsPointer(ref MemoryMarshal.GetReference(memory)) % Math.Max(8, alignment));
                    Assert.False(memory.ContainsAnyExcept((byte)0));
                    memory.Fill(1);
                }
            }
        }

        Assert.NotEqual(0, process.FallbackBlocks);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(-8)]
    [InlineData(3)]
    [InlineData(1 << 20)]
    [InlineData(int.MinValue)]
    public void An_alignment_that_is_no_power_of_two_up_to_a_page_is_refused(int alignment)
    {
        using var process = new ProcessArena();
        using Arena arena = process.CreateArena();
        ArgumentOutOfRangeException refused = Assert.Throws<ArgumentOutOfRangeException>(() => { arena.AllocateAligned<byte>(1, alignment); });
        Assert.Contains("power of two", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_negative_count_is_refused_here_too()
    {
        using var process = new ProcessArena();
        using Arena arena = process.CreateArena();
        Assert.Throws<ArgumentOutOfRangeException>(() => { arena.AllocateAligned<long>(-1, 16); });
    }
}
