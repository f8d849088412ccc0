using OneShot.Memory;

namespace OneShot.Tests.Memory;

public unsafe class MemoryRegionTests
{
    [Fact]
    public void Committed_memory_is_zero_and_writable()
    {
        using MemoryRegion region = MemoryRegion.Reserve(1 << 20);
        region.Commit(0, PageSize.Bytes * 2);
        var memory = new Span<byte>(region.Base, (int)PageSize.Bytes * 2);
        Assert.False(memory.ContainsAnyExcept((byte)0));
        memory.Fill(1);
        region.Commit(0, PageSize.Bytes * 2);
        Assert.False(memory.ContainsAnyExcept((byte)1));
    }

    [Fact]
    public void A_size_is_rounded_up_to_whole_pages()
    {
        using MemoryRegion region = MemoryRegion.Reserve(1);
        Assert.Equal(PageSize.Bytes, region.Size);
        Assert.Equal(0u, (nuint)region.Base % PageSize.Bytes);
    }

    [Fact]
    public void Decommitted_memory_is_given_back_and_zero_when_committed_again()
    {
        const int Size = 8 << 20;
        using MemoryRegion region = MemoryRegion.Reserve(Size);
        region.Commit(0, Size);
        new Span<byte>(region.Base, Size).Fill(7);
        long resident = ResidentSet.Bytes((nint)region.Base, Size);
        region.Decommit(0, Size);
        long after = ResidentSet.Bytes((nint)region.Base, Size);
        region.Commit(0, Size);

        Assert.False(new Span<byte>(region.Base, Size).ContainsAnyExcept((byte)0));
        if (OperatingSystem.IsLinux())
        {
            Assert.Equal(Size, resident);
            Assert.Equal(0, after);
        }
    }

    [Fact]
    public void A_refusal_carries_the_error_code_and_its_text()
    {
        MemoryRegionException refused = Assert.Throws<MemoryRegionException>(() => MemoryRegion.Reserve(unchecked((nuint)(1L << 60))));
        Assert.Equal("reserve", refused.Operation);
        Assert.Equal(1L << 60, refused.Size);
        Assert.NotEqual(0, refused.ErrorCode);
        Assert.Contains(refused.ErrorCode.ToString(System.Globalization.CultureInfo.InvariantCulture), refused.Message, StringComparison.Ordinal);
        Assert.Contains(System.Runtime.InteropServices.Marshal.GetPInvokeErrorMessage(refused.ErrorCode), refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_released_region_refuses_to_commit()
    {
        MemoryRegion region = MemoryRegion.Reserve(4096);
        region.Dispose();
        region.Dispose();
        Assert.Throws<ObjectDisposedException>(() => region.Commit(0, 0));
    }
}
