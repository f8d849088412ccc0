namespace OneShot.Tests.Arenas;

public unsafe class ArenaReturnTests
{
    private const int Block = 4096;

    [Fact]
    public void The_newest_piece_comes_back_and_its_bytes_serve_the_next()
    {
        using ProcessArena process = Process();
        using Arena arena = process.CreateArena();
        UnsafeSlice<int> first = arena.AllocateUnsafe<int>(10);
        UnsafeSlice<int> second = arena.AllocateUnsafe<int>(10);
        second.Span.Fill(7);
        fixed (int* place = second.Span)
        {
            Assert.False(arena.TryReturn(ref first));
            Assert.Equal(10, first.Length);
            Assert.True(arena.TryReturn(ref second));
            Assert.True(second.IsDefault);
            Assert.Equal(40, arena.Allocated);
            Span<int> third = arena.Allocate<int>(10);
            fixed (int* again = third)
            {
                Assert.True(place == again);
            }

            Assert.False(third.ContainsAnyExcept(0));
        }

        Assert.False(arena.TryReturn(ref second));
    }

    [Theory]
    [InlineData(ArenaReclamation.Never)]
    [InlineData(ArenaReclamation.PerRequest)]
    [InlineData(ArenaReclamation.Generational)]
    public void A_large_piece_comes_back_whatever_was_allocated_since(ArenaReclamation reclamation)
    {
        using ProcessArena process = Process(reclamation);
        using Arena arena = process.CreateArena();
        arena.Allocate<byte>(100);
        for (int turn = 0; turn < 300; turn++)
        {
            UnsafeSlice<byte> large = arena.AllocateUnsafe<byte>(10 * Block);
            Assert.False(large.Span.ContainsAnyExcept((byte)0));
            large.Span.Fill(1);
            arena.Allocate<byte>(8);
            Assert.True(arena.TryReturn(ref large));
            Assert.True(large.IsDefault);
            arena.AssertValid();
        }

        Assert.Equal(104 + (300 * 8), arena.Allocated);
        Assert.Equal(0, process.FallbackBlocks);
    }

    [Fact]
    public void Under_PerRequest_a_large_piece_serves_other_arenas_while_the_request_goes_on()
    {
        using ProcessArena process = Process(ArenaReclamation.PerRequest);
        using Arena arena = process.CreateArena();
        using Arena other = process.CreateArena();
        UnsafeSlice<byte> large = arena.AllocateUnsafe<byte>((int)process.Capacity - Block);
        large.Span.Fill(1);
        Assert.False(other.TryReserve(2 * Block));
        Assert.True(arena.TryReturn(ref large));
        Assert.Equal(0, process.Used);
        Assert.False(other.Allocate<byte>((int)process.Capacity - Block).ContainsAnyExcept((byte)0));
    }

    [Fact]
    public void What_lasts_for_the_request_stays_where_a_piece_of_its_block_comes_back()
    {
        using ProcessArena process = Process(ArenaReclamation.PerRequest);
        using Arena arena = process.CreateArena();
        arena.Allocate<byte>(Block - 1100);
        UnsafeSlice<byte> kept;
        using (arena.Mark())
        {
            arena.Allocate<byte>(1000);
            arena.Allocate<byte>(1000);
            kept = arena.AllocateForRequest<byte>(100);
            kept.Span.Fill(7);
        }

        UnsafeSlice<byte> large = arena.AllocateUnsafe<byte>(Block - 500); // in the block that the rewind has left
        Assert.True(arena.TryReturn(ref large));
        arena.AssertValid();
        using Arena other = process.CreateArena();
        other.Allocate<byte>(Block).Fill(0xEE);
        Assert.False(kept.Span.ContainsAnyExcept((byte)7));
    }

    [Fact]
    public void A_request_that_had_nothing_but_the_piece_ends_and_its_block_serves_the_next()
    {
        using ProcessArena process = Process();
        using Arena arena = process.CreateArena();
        UnsafeSlice<byte> large = arena.AllocateUnsafe<byte>(2 * Block);
        Assert.True(arena.TryReturn(ref large));
        arena.Reset();
        arena.Allocate<byte>(8).Fill(1);
        arena.AssertValid();
    }

    [Fact]
    public void Only_the_whole_piece_comes_back_and_only_once()
    {
        using ProcessArena process = Process();
        using Arena arena = process.CreateArena();
        UnsafeSlice<byte> large = arena.AllocateUnsafe<byte>(2 * Block);
        UnsafeSlice<byte> copy = large;
        UnsafeSlice<byte> front = large.Slice(0, Block);
        UnsafeSlice<byte> back = large.Slice(Block, Block);
        Assert.False(arena.TryReturn(ref front));
        Assert.False(arena.TryReturn(ref back));
        Assert.True(arena.TryReturn(ref large));
        Assert.False(arena.TryReturn(ref copy));
        Assert.Equal(0, arena.Allocated);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void What_was_allocated_before_a_mark_stays_until_the_mark_is_rewound(bool debug)
    {
        using ProcessArena process = new(new() { Capacity = 4 << 20, BlockSize = Block, Debug = debug });
        using Arena arena = process.CreateArena();
        UnsafeSlice<byte> large = arena.AllocateUnsafe<byte>(2 * Block);
        UnsafeSlice<byte> small = arena.AllocateUnsafe<byte>(16);
        long before = arena.Allocated;
        using (arena.Mark())
        {
            Assert.False(arena.TryReturn(ref large));
            Assert.False(arena.TryReturn(ref small));
            UnsafeSlice<byte> since = arena.AllocateUnsafe<byte>(2 * Block);
            UnsafeSlice<byte> tiny = arena.AllocateUnsafe<byte>(16);
            Assert.True(arena.TryReturn(ref tiny));
            Assert.True(arena.TryReturn(ref since));
            Assert.Equal(before, arena.Allocated);
            arena.Allocate<byte>(2 * Block);
        }

        Assert.Equal(before, arena.Allocated);
        Assert.Equal(!debug, arena.TryReturn(ref small)); // rewound memory lies behind it, which is not used again
        Assert.True(arena.TryReturn(ref large));
        arena.AssertValid();
    }

    [Fact]
    public void Under_Debug_a_returned_piece_is_overwritten_and_not_used_again()
    {
        using ProcessArena process = new(new() { Capacity = 4 << 20, BlockSize = Block, Debug = true });
        using Arena arena = process.CreateArena();
        UnsafeSlice<byte> large = arena.AllocateUnsafe<byte>(2 * Block);
        Span<byte> stale = large.Span;
        UnsafeSlice<byte> copy = large;
        arena.Allocate<byte>(8);
        Assert.True(arena.TryReturn(ref large));
        Assert.False(stale.ContainsAnyExcept((byte)0xDD));
        Assert.False(arena.TryReturn(ref copy));
        Assert.Equal(8, arena.Allocated);
        UnsafeSlice<byte> overrun = arena.AllocateUnsafe<byte>(2 * Block);
        fixed (byte* end = overrun.Span)
        {
            end[2 * Block] = 1;
        }

        arena.Allocate<byte>(8);
        Assert.False(arena.TryReturn(ref overrun));
        Assert.Throws<ArenaCorruptedException>(arena.Reset);
    }

    [Fact]
    public void An_arena_that_is_not_open_takes_nothing_back()
    {
        using ProcessArena process = Process();
        Arena arena = process.CreateArena();
        UnsafeSlice<byte> none = default;
        Assert.False(arena.TryReturn(ref none));
        UnsafeSlice<byte> piece = arena.AllocateUnsafe<byte>(2 * Block);
        arena.Reset();
        Assert.False(arena.TryReturn(ref piece));
        arena.Dispose();
        Assert.False(arena.TryReturn(ref piece));
    }

    [Theory]
    [InlineData(ArenaReclamation.Never, false)]
    [InlineData(ArenaReclamation.PerRequest, false)]
    [InlineData(ArenaReclamation.PerRequest, true)]
    public void A_large_piece_for_the_request_comes_back_under_other_marks_than_those_it_was_taken_under(ArenaReclamation reclamation, bool debug)
    {
        using ProcessArena process = new(new() { Capacity = 4 << 20, BlockSize = Block, Reclamation = reclamation, Debug = debug });
        using Arena arena = process.CreateArena();
        arena.Allocate<byte>(8);
        UnsafeSlice<byte> large;
        UnsafeSlice<byte> kept;
        using (arena.Mark())
        {
            large = arena.AllocateForRequest<byte>(10 * Block);
            kept = arena.AllocateForRequest<byte>(10 * Block);
            kept.Span.Fill(7);
            Assert.False(arena.TryReturn(ref large));
        }

        using (arena.Mark())
        {
            UnsafeSlice<byte> front = large.Slice(0, Block);
            Assert.False(arena.TryReturnForRequest(ref front));
            UnsafeSlice<byte> copy = large;
            Assert.True(arena.TryReturnForRequest(ref large));
            Assert.True(large.IsDefault);
            Assert.False(arena.TryReturnForRequest(ref copy));
            arena.Allocate<byte>(10 * Block).Fill(1);
            arena.AssertValid();
        }

        Assert.Equal(8 + (10 * Block), arena.Allocated);
        Assert.False(kept.Span.ContainsAnyExcept((byte)7));
        arena.Reset();
        Assert.False(arena.TryReturnForRequest(ref kept));
        arena.AssertValid();
    }

    private static ProcessArena Process(ArenaReclamation reclamation = ArenaReclamation.Never) =>
        new(new() { Capacity = 4 << 20, BlockSize = Block, Reclamation = reclamation });
}
