using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace OneShot.Tests.Arenas;

public unsafe class ArenaTests
{
    private const int Block = 1024;

    [Fact]
    public void Allocations_follow_each_other_zeroed_and_aligned()
    {
        using ProcessArena process = Process();
        using Arena arena = process.CreateArena();
        Span<byte> first = arena.Allocate<byte>(3);
        Span<int> second = arena.Allocate<int>(3);
        Assert.Equal(0, Address(first) % 64);
        Assert.Equal(Address(first) + 8, Address(second));
        Assert.False(second.ContainsAnyExcept(0));
        Assert.Equal(24, arena.Allocated);
        Assert.Equal(Block, process.Held);
        Assert.Same(process, arena.Process);
    }

    [Fact]
    public void A_vector_is_aligned_to_its_size()
    {
        using ProcessArena process = Process();
        using Arena arena = process.CreateArena();
        arena.Allocate<byte>(1);
        Assert.Equal(0, Address(arena.Allocate<Vector512<byte>>(1)) % 64);
        Assert.Equal(128, arena.Allocated);
        arena.Allocate<byte>(1);
        Assert.Equal(0, Address(arena.Allocate<Vector256<byte>>(2)) % 32);
    }

    [Fact]
    public void New_places_a_value_and_returns_a_reference_to_it()
    {
        using ProcessArena process = Process();
        using Arena arena = process.CreateArena();
        ref (int X, long Y) pair = ref arena.New((X: 1, Y: 2L));
        pair.X++;
        ref Guid other = ref arena.New(Guid.Empty);
        Assert.Equal((2, 2L), pair);
        Assert.Equal(Guid.Empty, other);
    }

    [Fact]
    public void Copy_holds_the_bytes_of_its_source()
    {
        using ProcessArena process = Process();
        using Arena arena = process.CreateArena();
        byte[] source = [1, 2, 3];
        Span<byte> copy = arena.Copy(source);
        source[0] = 9;
        Assert.True(copy.SequenceEqual(new byte[] { 1, 2, 3 }));
        Assert.True(arena.Copy([]).IsEmpty);
    }

    [Fact]
    public void Copy_holds_elements_of_any_unmanaged_type()
    {
        using ProcessArena process = Process();
        using Arena arena = process.CreateArena();
        (int X, long Y)[] source = [(1, 2), (3, 4)];
        Span<(int X, long Y)> copy = arena.Copy<(int, long)>(source);
        source[0] = default;
        Assert.Equal([(1, 2L), (3, 4L)], copy);
        Assert.Equal("abc", arena.Copy("abc".AsSpan()).ToString());
        Assert.True(arena.Copy<Guid>([]).IsEmpty);
    }

    [Fact]
    public void An_empty_allocation_takes_no_block()
    {
        using ProcessArena process = Process();
        using Arena arena = process.CreateArena();
        Assert.True(arena.Allocate<long>(0).IsEmpty);
        Assert.True(arena.AllocateUnsafe<long>(0).IsEmpty);
        Assert.Equal(0, arena.Allocated);
        Assert.Equal(0, process.Held);
    }

    [Fact]
    public void A_large_allocation_gets_a_block_of_its_own_and_the_tail_goes_on()
    {
        using ProcessArena process = Process();
        using Arena arena = process.CreateArena();
        Span<byte> before = arena.Allocate<byte>(8);
        Span<byte> large = arena.Allocate<byte>(5000);
        Span<byte> after = arena.Allocate<byte>(8);
        Assert.Equal(Address(before) + 8, Address(after));
        Assert.Equal(0, Address(large) % 64);
        Assert.Equal(5016, arena.Allocated);
        Assert.Equal(Block + 5056, process.Held);
    }

    [Fact]
    public void The_tail_of_a_block_serves_the_next_request_under_Never()
    {
        using ProcessArena process = Process();
        using Arena arena = process.CreateArena();
        long first = Address(arena.Allocate<byte>(100));
        arena.Reset();
        Assert.Equal(0, arena.Allocated);
        Assert.Equal(first + 104, Address(arena.Allocate<byte>(100)));
        Assert.Equal(104, arena.Allocated);
        Assert.Equal(Block, process.Held);
    }

    [Fact]
    public void The_larger_tail_survives_a_request_that_used_two_blocks_under_Never()
    {
        using ProcessArena process = Process();
        using Arena arena = process.CreateArena();
        arena.Allocate<byte>(Block - 200);
        long second = Address(arena.Allocate<byte>(256));
        arena.Reset();
        Assert.Equal(second + 256, Address(arena.Allocate<byte>(8)));
        arena.Allocate<byte>(Block - 264 - 8 - 8);
        arena.Allocate<byte>(250);
        arena.Allocate<byte>(250);
        arena.Reset();
        Assert.Equal(2 * Block + Block, process.Held);
    }

    [Fact]
    public void The_larger_tail_survives_also_when_it_is_not_the_last_ones()
    {
        using ProcessArena process = Process();
        using Arena arena = process.CreateArena();
        long first = Address(arena.Allocate<byte>(100));
        Assert.True(arena.TryReserve(1000));
        arena.Allocate<byte>(1000);
        arena.Reset();
        Assert.Equal(first + 104, Address(arena.Allocate<byte>(100)));
    }

    [Fact]
    public void A_reset_under_PerRequest_clears_what_was_handed_out_and_uses_it_again()
    {
        using ProcessArena process = Process(ArenaReclamation.PerRequest);
        using Arena arena = process.CreateArena();
        for (int request = 0; request < 100; request++)
        {
            for (int index = 0; index < 20; index++)
            {
                Span<byte> memory = arena.AllocateUninitialized<byte>(700);
                Assert.False(memory.ContainsAnyExcept((byte)0));
                memory.Fill(0xFF);
            }

            Span<byte> large = arena.Allocate<byte>(3000);
            Assert.False(large.ContainsAnyExcept((byte)0));
            large.Fill(0xFF);
            arena.Reset();
            Assert.Equal(Block, process.Held);
        }

        Assert.Equal(0, process.FallbackBlocks);
        arena.Dispose();
        Assert.Equal(0, process.Held);
    }

    [Fact]
    public void A_full_process_arena_falls_back_to_the_heap_and_counts_it()
    {
        using ProcessArena process = Process(capacity: Block);
        using Arena arena = process.CreateArena();
        for (int index = 0; index < 20; index++)
        {
            Span<byte> memory = arena.Allocate<byte>(250);
            Assert.False(memory.ContainsAnyExcept((byte)0));
            memory.Fill(1);
        }

        Assert.Equal(4, process.FallbackBlocks);
        Assert.Equal(4 * Block, process.FallbackBytes);
        Assert.Equal(20 * 256, arena.Allocated);
        arena.Allocate<byte>(100_000).Fill(1);
        Assert.Equal(5, process.FallbackBlocks);
        arena.Reset();
        Assert.Equal(0, arena.Allocated);
        arena.Allocate<byte>(8);
        Assert.Equal(6, process.FallbackBlocks);
    }

    [Fact]
    public void An_arena_in_fallback_returns_to_the_process_arena_when_blocks_come_back()
    {
        using ProcessArena process = Process(ArenaReclamation.PerRequest, capacity: Block);
        using Arena first = process.CreateArena();
        using Arena second = process.CreateArena();
        first.Allocate<byte>(8);
        second.Allocate<byte>(8);
        Assert.Equal(1, process.FallbackBlocks);
        first.Dispose();
        second.Reset();
        second.Allocate<byte>(8);
        Assert.Equal(1, process.FallbackBlocks);
        Assert.Equal(Block, process.Held);
    }

    [Theory]
    [InlineData(ArenaExhaustion.Throw)]
    [InlineData(ArenaExhaustion.Reject)]
    public void A_full_process_arena_throws_where_it_must_not_fall_back_and_the_arena_stays_usable(ArenaExhaustion exhaustion)
    {
        using ProcessArena process = Process(exhaustion: exhaustion, capacity: Block);
        using Arena arena = process.CreateArena();
        arena.Allocate<byte>(Block - 8);
        ArenaExhaustedException full = Assert.Throws<ArenaExhaustedException>(() => { arena.Allocate<byte>(16); });
        Assert.Equal(Block, full.Capacity);
        Assert.Throws<ArenaExhaustedException>(() => { arena.Allocate<byte>(1_000_000); });
        arena.Allocate<byte>(8).Fill(1);
        Assert.Equal(Block, arena.Allocated);
        Assert.Equal(0, process.FallbackBlocks);
    }

    [Fact]
    public void Reserving_answers_for_the_next_allocation()
    {
        using ProcessArena process = Process(exhaustion: ArenaExhaustion.Reject, capacity: 4 * Block);
        using Arena arena = process.CreateArena();
        Assert.True(arena.TryReserve(0));
        Assert.Equal(0, process.Held);
        Assert.True(arena.TryReserve(Block));
        Assert.Equal(Block, process.Held);
        arena.Allocate<byte>(Block - 100);
        Assert.True(arena.TryReserve(500));
        Assert.Equal(2 * Block, process.Held);
        arena.Allocate<byte>(500);
        Assert.True(arena.TryReserve(2 * Block));
        arena.Allocate<byte>(2 * Block);
        Assert.False(arena.TryReserve(1));
        Assert.Equal(0, process.Remaining);
    }

    [Fact]
    public void Reserving_does_not_count_heap_memory()
    {
        using ProcessArena process = Process(capacity: Block);
        using Arena arena = process.CreateArena();
        arena.Allocate<byte>(Block);
        arena.Allocate<byte>(8);
        Assert.Equal(1, process.FallbackBlocks);
        Assert.False(arena.TryReserve(8));
    }

    [Theory]
    [InlineData(-1)]
    [InlineData(int.MinValue)]
    public void A_negative_count_is_refused_whatever_the_block_holds(int count)
    {
        using var process = new ProcessArena(new() { Capacity = 1L << 40, BlockSize = 256 << 20 });
        using Arena arena = process.CreateArena();
        Assert.Throws<ArgumentOutOfRangeException>(() => { arena.Allocate<byte>(count); });
        arena.Allocate<byte>(1);
        Assert.Throws<ArgumentOutOfRangeException>(() => { arena.Allocate<byte>(count); });
        Assert.Throws<ArgumentOutOfRangeException>(() => { arena.AllocateUninitialized<Guid>(count); });
        Assert.Throws<ArgumentOutOfRangeException>(() => { arena.AllocateUnsafe<Vector512<long>>(count); });
        Assert.Throws<ArgumentOutOfRangeException>(() => { arena.TryReserve(count); });
        Assert.Equal(8, arena.Allocated);
    }

    [Theory]
    [InlineData(ArenaReclamation.Never)]
    [InlineData(ArenaReclamation.PerRequest)]
    [InlineData(ArenaReclamation.Generational)]
    public void A_count_of_any_size_is_exhaustion_not_a_wrong_pointer(ArenaReclamation reclamation)
    {
        using ProcessArena process = Process(reclamation);
        using Arena arena = process.CreateArena();
        Assert.Throws<ArenaExhaustedException>(() => { arena.Allocate<Huge>(int.MaxValue); });
        arena.Allocate<byte>(8);
        Assert.Throws<ArenaExhaustedException>(() => { arena.Allocate<Huge>(int.MaxValue); });
        Assert.Throws<ArgumentOutOfRangeException>(() => { arena.Allocate<Huge>(-1); });
        UnsafeSlice<Huge> none = arena.AllocateUnsafe<Huge>(0);
        Assert.False(arena.TryResize(ref none, int.MaxValue));
    }

    [Fact]
    public void A_count_whose_bytes_overflow_an_int_is_exhaustion_not_a_wrong_pointer()
    {
        using ProcessArena process = Process();
        using Arena arena = process.CreateArena();
        ArenaExhaustedException full = Assert.Throws<ArenaExhaustedException>(() => { arena.Allocate<Vector512<long>>(int.MaxValue); });
        Assert.Equal(int.MaxValue * 64L, full.Requested);
        Assert.Equal(0, process.Held);
    }

    [Fact]
    public void A_disposed_arena_says_so()
    {
        using ProcessArena process = Process();
        Arena arena = process.CreateArena();
        arena.Allocate<byte>(8);
        arena.Dispose();
        arena.Dispose();
        Assert.Throws<ObjectDisposedException>(() => { arena.Allocate<byte>(0); });
        Assert.Throws<ObjectDisposedException>(() => { arena.New(1); });
        Assert.Throws<ObjectDisposedException>(() => { arena.TryReserve(0); });
        Assert.Throws<ObjectDisposedException>(arena.Reset);
        Assert.Equal(0, arena.Allocated);
    }

    [Theory]
    [InlineData(ArenaReclamation.Never)]
    [InlineData(ArenaReclamation.PerRequest)]
    public void An_arena_outlives_its_process_arena_until_it_needs_a_block(ArenaReclamation reclamation)
    {
        ProcessArena process = Process(reclamation);
        Arena arena = process.CreateArena();
        arena.Allocate<byte>(8);
        process.Dispose();
        arena.Allocate<byte>(8).Fill(1);
        Assert.Throws<ObjectDisposedException>(() => { arena.Allocate<byte>(Block); });
        arena.Reset();
        arena.Dispose();
    }

    [StructLayout(LayoutKind.Sequential, Size = 1 << 18)]
    private struct Huge;

    private static ProcessArena Process(
        ArenaReclamation reclamation = ArenaReclamation.Never,
        ArenaExhaustion exhaustion = ArenaExhaustion.Fallback,
        long capacity = 1 << 20) =>
        new(new() { Capacity = capacity, BlockSize = Block, Reclamation = reclamation, Exhaustion = exhaustion });

    private static long Address<T>(Span<T> memory) where T : unmanaged => (long)Unsafe.AsPointer(ref MemoryMarshal.GetReference(memory));
}
