namespace OneShot.Tests.Arenas;

public class ArenaResizeTests
{
    [Fact]
    public void The_newest_allocation_grows_and_shrinks_in_place()
    {
        using ProcessArena process = Process();
        using Arena arena = process.CreateArena();
        UnsafeSlice<int> slice = arena.AllocateUnsafe<int>(3);
        slice.Span.Fill(7);
        Assert.True(arena.TryResize(ref slice, 10));
        Assert.Equal([7, 7, 7, 0, 0, 0, 0, 0, 0, 0], slice.Span);
        Assert.Equal(40, arena.Allocated);
        slice.Span.Fill(7);
        Assert.True(arena.TryResize(ref slice, 1));
        Assert.Equal(8, arena.Allocated);
        Assert.True(arena.TryResize(ref slice, 5));
        Assert.Equal([7, 0, 0, 0, 0], slice.Span);
    }

    [Fact]
    public void Only_the_newest_allocation_can_be_resized()
    {
        using ProcessArena process = Process();
        using Arena arena = process.CreateArena();
        UnsafeSlice<byte> older = arena.AllocateUnsafe<byte>(8);
        UnsafeSlice<byte> newer = arena.AllocateUnsafe<byte>(8);
        Assert.False(arena.TryResize(ref older, 16));
        Assert.False(arena.TryResize(ref older, 4));
        Assert.Equal(8, older.Length);
        Assert.True(arena.TryResize(ref newer, 16));
        UnsafeSlice<byte> none = default;
        Assert.False(arena.TryResize(ref none, 1));
    }

    [Fact]
    public void Growth_beyond_the_block_is_left_to_the_caller()
    {
        using ProcessArena process = Process();
        using Arena arena = process.CreateArena();
        UnsafeSlice<byte> slice = arena.AllocateUnsafe<byte>(8);
        Assert.False(arena.TryResize(ref slice, 1025));
        Assert.False(arena.TryResize(ref slice, int.MaxValue));
        Assert.True(arena.TryResize(ref slice, 1024));
        Assert.Throws<ArgumentOutOfRangeException>(() => arena.TryResize(ref slice, -1));
    }

    [Fact]
    public void Bytes_given_back_are_cleared_and_serve_the_same_request()
    {
        using ProcessArena process = Process();
        using Arena arena = process.CreateArena();
        UnsafeSlice<byte> slice = arena.AllocateUnsafe<byte>(100);
        slice.Span.Fill(1);
        Assert.True(arena.TryResize(ref slice, 9));
        Span<byte> next = arena.Allocate<byte>(80);
        Assert.False(next.ContainsAnyExcept((byte)0));
        Assert.Equal(96, arena.Allocated);
    }

    [Fact]
    public unsafe void Bytes_given_back_never_serve_another_request_under_Never()
    {
        using ProcessArena process = Process();
        using Arena arena = process.CreateArena();
        UnsafeSlice<byte> slice = arena.AllocateUnsafe<byte>(100);
        Span<byte> stale = slice.Span;
        Assert.True(arena.TryResize(ref slice, 8));
        arena.Reset();
        arena.Allocate<byte>(50).Fill(2);
        Assert.False(stale.ContainsAnyExcept((byte)0));
    }

    [Fact]
    public void A_slice_of_an_earlier_request_is_not_the_newest()
    {
        using ProcessArena process = Process();
        using Arena arena = process.CreateArena();
        UnsafeSlice<byte> slice = arena.AllocateUnsafe<byte>(8);
        arena.Reset();
        Assert.False(arena.TryResize(ref slice, 16));
        Assert.False(arena.TryResize(ref slice, 0));
    }

    private static ProcessArena Process() => new(new() { Capacity = 64 << 10, BlockSize = 1024 });
}
