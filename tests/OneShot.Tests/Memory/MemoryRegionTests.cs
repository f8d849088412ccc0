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

    [Theory]
    [InlineData(-1, 1)]
    [InlineData(0, 5)]
    [InlineData(4, 1)]
    [InlineData(5, 0)]
    [InlineData(long.MaxValue / 8192, 2)]
    public void Pages_that_are_not_the_regions_stay_as_they_are(long first, long count)
    {
        using MemoryRegion region = MemoryRegion.Reserve(4 * PageSize.Bytes);
        nuint offset = (nuint)first * PageSize.Bytes;
        nuint length = (nuint)count * PageSize.Bytes;
        Assert.Throws<ArgumentOutOfRangeException>(() => region.Commit(offset, length));
        Assert.Throws<ArgumentOutOfRangeException>(() => region.Decommit(offset, length));
        Assert.Throws<ArgumentOutOfRangeException>(() => region.Discard(offset, length));
        Assert.Throws<ArgumentOutOfRangeException>(() => region.TryEmpty(offset, length));
        Assert.Throws<ArgumentOutOfRangeException>(() => region.Discard(8, 0));
    }

    /// <summary>The pages of a region that has just gone are the next one's, at the same address.</summary>
    [Fact]
    public void A_region_that_goes_while_it_is_discarded_takes_nothing_of_the_next()
    {
        MemoryRegion region = MemoryRegion.Reserve(PageSize.Bytes);
        bool isOver = false;
        var discarding = new Thread(() =>
        {
            while (!Volatile.Read(ref isOver))
            {
                try
                {
                    Volatile.Read(ref region).Discard(0, PageSize.Bytes);
                }
                catch (Exception gone) when (gone is ObjectDisposedException or MemoryRegionException)
                {
                    // As it may be.
                }
            }
        });
        discarding.Start();
        for (int round = 0; round < 3_000; round++)
        {
            MemoryRegion.Reserve(PageSize.Bytes).Dispose();
            Parallel.Invoke(region.Dispose, region.Dispose);
            using MemoryRegion next = MemoryRegion.Reserve(PageSize.Bytes);
            next.Commit(0, PageSize.Bytes);
            new Span<byte>(next.Base, (int)PageSize.Bytes).Fill(7);
            Volatile.Write(ref region, MemoryRegion.Reserve(PageSize.Bytes));
            Assert.False(new Span<byte>(next.Base, (int)PageSize.Bytes).ContainsAnyExcept((byte)7));
        }

        Volatile.Write(ref isOver, true);
        discarding.Join();
        region.Dispose();
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
