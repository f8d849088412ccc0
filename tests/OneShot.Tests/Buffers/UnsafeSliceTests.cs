namespace OneShot.Tests.Buffers;

public class UnsafeSliceTests
{
    [Fact]
    public void The_default_slice_is_empty()
    {
        UnsafeSlice<int> none = default;
        Assert.True(none.IsDefault);
        Assert.True(none.IsEmpty);
        Assert.True(none.Span.IsEmpty);
        Assert.True(none.Slice(0, 0).IsEmpty);
    }

    [Fact]
    public void A_part_sees_the_same_memory()
    {
        using var process = new ProcessArena();
        using Arena arena = process.CreateArena();
        UnsafeSlice<int> slice = arena.AllocateUnsafe<int>(4);
        slice.Slice(1, 2).Span.Fill(5);
        Assert.Equal([0, 5, 5, 0], slice.Span);
        Assert.False(slice.IsDefault);
    }

    [Theory]
    [InlineData(-1, 1)]
    [InlineData(1, -1)]
    [InlineData(0, 5)]
    [InlineData(4, 1)]
    [InlineData(int.MaxValue, int.MaxValue)]
    [InlineData(int.MinValue, int.MinValue)]
    public void A_part_outside_is_refused(int start, int length)
    {
        using var process = new ProcessArena();
        using Arena arena = process.CreateArena();
        UnsafeSlice<int> slice = arena.AllocateUnsafe<int>(4);
        Assert.Throws<ArgumentOutOfRangeException>(() => { slice.Slice(start, length); });
    }
}
