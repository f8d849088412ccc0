using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace OneShot.Tests.Arenas;

public unsafe class ArenaFallbackTests
{
    private const int Block = 16 << 10;

    [Fact]
    public void A_fallback_block_is_as_large_as_the_need_and_grows_with_it()
    {
        using ProcessArena process = Full(ArenaReclamation.PerRequest, out Arena holder);
        using Arena arena = process.CreateArena();
        arena.Allocate<byte>(200);
        Assert.Equal(1024, process.FallbackBytes);
        arena.Allocate<byte>(1000);
        Assert.Equal(1024 + 2048, process.FallbackBytes);
        for (int index = 0; index < 100; index++)
        {
            arena.Allocate<byte>(1000);
        }

        Assert.InRange(process.FallbackBlocks, 5, 14);
        holder.Dispose();
    }

    [Fact]
    public void Under_PerRequest_fallback_blocks_are_cleared_and_used_again()
    {
        using ProcessArena process = Full(ArenaReclamation.PerRequest, out Arena holder);
        using Arena arena = process.CreateArena();
        for (int round = 0; round < 20; round++)
        {
            RunRequest(arena);
        }

        long before = GC.GetAllocatedBytesForCurrentThread();
        for (int round = 0; round < 100; round++)
        {
            RunRequest(arena);
        }

        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 1024);
        holder.Dispose();

        static void RunRequest(Arena arena)
        {
            for (int index = 0; index < 10; index++)
            {
                Span<byte> memory = arena.Allocate<byte>(900);
                if (memory.ContainsAnyExcept((byte)0))
                {
                    Assert.Fail("Another request's bytes came with a block.");
                }

                memory.Fill(1);
            }

            arena.Reset();
        }
    }

    [Fact]
    public void A_fallback_block_that_is_used_again_is_never_smaller_than_the_need()
    {
        using ProcessArena process = Full(ArenaReclamation.PerRequest, out Arena holder);
        using Arena arena = process.CreateArena();
        var random = new Random(1);
        for (int request = 0; request < 500; request++)
        {
            for (int index = 0; index < 10; index++)
            {
                Span<byte> memory = arena.Allocate<byte>(random.Next(1, random.Next(4) == 0 ? 3 * Block : 1500));
                Assert.False(memory.ContainsAnyExcept((byte)0));
                memory.Fill(1);
            }

            arena.Reset();
        }

        holder.Dispose();
    }

    [Theory]
    [InlineData(ArenaReclamation.Never)]
    [InlineData(ArenaReclamation.Generational)]
    public void Elsewhere_no_fallback_block_serves_two_requests(ArenaReclamation reclamation)
    {
        using ProcessArena process = Full(reclamation, out Arena holder);
        using Arena arena = process.CreateArena();
        for (int round = 0; round < 50; round++)
        {
            UnsafeSlice<byte> kept = arena.AllocateUnsafe<byte>(900);
            kept.Span.Fill(7);
            using (new Pin(kept))
            {
                arena.Reset();
                arena.Allocate<byte>(900).Fill(1);
                Assert.False(kept.Span.ContainsAnyExcept((byte)7));
                arena.Reset();
            }
        }

        holder.Dispose();
    }

    [Fact]
    public void After_carving_into_small_blocks_a_large_one_is_served_again()
    {
        using var process = new ProcessArena(new() { Capacity = 64 * Block, BlockSize = Block, Reclamation = ArenaReclamation.PerRequest, Exhaustion = ArenaExhaustion.Throw });
        Arena[] crowd = [.. Enumerable.Range(0, 64).Select(_ => process.CreateArena())];
        Array.ForEach(crowd, arena => arena.Allocate<byte>(Block));
        Array.ForEach(crowd, arena => arena.Dispose());
        using Arena late = process.CreateArena();
        for (int round = 0; round < 100; round++)
        {
            Span<byte> large = late.Allocate<byte>(2 * Block);
            Assert.False(large.ContainsAnyExcept((byte)0));
            large.Fill(1);
            late.Allocate<byte>(100);
            late.Allocate<byte>(20 * Block).Fill(1);
            late.Reset();
        }

        late.Dispose();
        Assert.Equal(0, process.Used);
        using Arena whole = process.CreateArena();
        Assert.False(whole.Allocate<byte>(64 * Block).ContainsAnyExcept((byte)0));
        ArenaExhaustedException full = Assert.Throws<ArenaExhaustedException>(() => { whole.Allocate<byte>(8); });
        Assert.DoesNotContain("ArenaReclamation.PerRequest", full.Message, StringComparison.Ordinal);
    }

    private static ProcessArena Full(ArenaReclamation reclamation, out Arena holder)
    {
        var process = new ProcessArena(new() { Capacity = 64 * Block, BlockSize = Block, Reclamation = reclamation, GenerationSize = 32 * Block });
        holder = process.CreateArena();
        while (process.FallbackBlocks == 0 && holder.TryReserve(Block))
        {
            holder.Allocate<byte>(Block);
        }

        return process;
    }

    /// <summary>Keeps the array of a fallback block alive, as a stale span on the stack would.</summary>
    private readonly ref struct Pin(UnsafeSlice<byte> memory)
    {
        private readonly ref byte _first = ref MemoryMarshal.GetReference(memory.Span);

        public void Dispose() => Assert.False(Unsafe.IsNullRef(in _first));
    }
}
