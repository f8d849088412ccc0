using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace OneShot.Tests.Arenas;

public unsafe class ArenaMarkTests
{
    private const int Block = 1024;

    [Fact]
    public void A_rewound_block_of_code_leaves_no_trace()
    {
        using ProcessArena process = Process();
        using Arena arena = process.CreateArena();
        arena.Allocate<byte>(8);
        long first;
        using (arena.Mark())
        {
            Span<byte> memory = arena.Allocate<byte>(100);
            first = Address(memory);
            memory.Fill(1);
        }

        Assert.Equal(8, arena.Allocated);
        Span<byte> again = arena.Allocate<byte>(100);
        Assert.Equal(first, Address(again));
        Assert.False(again.ContainsAnyExcept((byte)0));
    }

    [Fact]
    public void Marks_nest_and_an_outer_one_rewinds_the_inner_ones()
    {
        using ProcessArena process = Process();
        using Arena arena = process.CreateArena();
        ArenaMark outer = arena.Mark();
        arena.Allocate<byte>(8);
        ArenaMark inner = arena.Mark();
        arena.Allocate<byte>(8);
        inner.Dispose();
        Assert.Equal(8, arena.Allocated);
        ArenaMark second = arena.Mark();
        arena.Allocate<byte>(8);
        outer.Dispose();
        Assert.Equal(0, arena.Allocated);
        arena.Allocate<byte>(8);
        second.Dispose();
        inner.Dispose();
        outer.Dispose();
        Assert.Equal(8, arena.Allocated);
    }

    [Theory]
    [InlineData(ArenaReclamation.Never)]
    [InlineData(ArenaReclamation.PerRequest)]
    public void A_loop_that_rewinds_uses_the_same_blocks_again(ArenaReclamation reclamation)
    {
        using ProcessArena process = Process(reclamation);
        using Arena arena = process.CreateArena();
        arena.Allocate<byte>(8);
        long used = 0;
        for (int turn = 0; turn < 100; turn++)
        {
            using (arena.Mark())
            {
                for (int index = 0; index < 10; index++)
                {
                    Span<byte> memory = arena.Allocate<byte>(500);
                    Assert.False(memory.ContainsAnyExcept((byte)0));
                    memory.Fill(1);
                }

                Span<byte> large = arena.Allocate<byte>(5000);
                Assert.False(large.ContainsAnyExcept((byte)0));
                large.Fill(1);
            }

            Assert.Equal(8, arena.Allocated);
            used = turn == 0 ? process.Held : used;
            Assert.Equal(used, process.Held);
        }
    }

    [Fact]
    public void Rewound_memory_never_serves_another_request_under_Never()
    {
        using ProcessArena process = Process();
        using Arena arena = process.CreateArena();
        Span<byte> stale;
        using (arena.Mark())
        {
            stale = arena.Allocate<byte>(100);
        }

        arena.Reset();
        arena.Allocate<byte>(400).Fill(1);
        arena.Allocate<byte>(400).Fill(1);
        Assert.False(stale.ContainsAnyExcept((byte)0));
    }

    [Fact]
    public void A_mark_before_the_first_block_rewinds_to_no_block()
    {
        using ProcessArena process = Process();
        using Arena arena = process.CreateArena();
        using (arena.Mark())
        {
            arena.Allocate<byte>(100).Fill(1);
        }

        Assert.Equal(0, arena.Allocated);
        Assert.False(arena.Allocate<byte>(100).ContainsAnyExcept((byte)0));
        Assert.Equal(Block, process.Held);
    }

    [Fact]
    public void An_allocation_shrunk_below_the_mark_stays_shrunk()
    {
        using ProcessArena process = Process();
        using Arena arena = process.CreateArena();
        UnsafeSlice<byte> older = arena.AllocateUnsafe<byte>(100);
        using (arena.Mark())
        {
            Assert.True(arena.TryResize(ref older, 8));
        }

        Assert.Equal(8, arena.Allocated);
        Assert.True(arena.TryResize(ref older, 100));
        using (arena.Mark())
        {
            Assert.True(arena.TryResize(ref older, 8));
            arena.Allocate<byte>(Block);
        }

        Assert.Equal(8, arena.Allocated);
    }

    [Fact]
    public void A_mark_of_a_finished_request_says_so()
    {
        using ProcessArena process = Process();
        Arena arena = process.CreateArena();
        ArenaMark mark = arena.Mark();
        arena.Reset();
        Assert.Throws<ObjectDisposedException>(mark.Dispose);
        ArenaMark other = arena.Mark();
        arena.Dispose();
        Assert.Throws<ObjectDisposedException>(other.Dispose);
        Assert.Throws<ObjectDisposedException>(() => { arena.Mark(); });
        default(ArenaMark).Dispose();
    }

    private static ProcessArena Process(ArenaReclamation reclamation = ArenaReclamation.Never) =>
        new(new() { Capacity = 1 << 20, BlockSize = Block, Reclamation = reclamation });

    private static long Address(Span<byte> memory) => (long)Unsafe.AsPointer(ref MemoryMarshal.GetReference(memory));
}
