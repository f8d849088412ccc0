using OneShot.Blocks;
using OneShot.Memory;

namespace OneShot.Tests.Blocks;

public unsafe class RetiredRegionsTests
{
    private const int Size = 64 << 10;

    [Fact]
    public void What_the_system_did_not_take_back_is_used_first_and_is_zero_then()
    {
        using var retired = new RetiredRegions(Size);
        for (int index = 0; index < 20; index++)
        {
            BumpRegion emptied = Region();
            Fill(emptied);
            Assert.True(emptied.TryEmpty(inaccessible: false));
            retired.Add(emptied, isEmpty: true);
        }

        BumpRegion locked = Region();
        Fill(locked);
        locked.Close();
        retired.Add(locked, isEmpty: false);
        Assert.Equal(Size, retired.LockedBytes);

        Assert.True(retired.TryTake(out BumpRegion? first));
        Assert.Same(locked, first);
        Assert.Equal(0, retired.LockedBytes);
        locked.MarkDirty();
        Assert.True(locked.TryReopen(Size));
        Fill(locked);
        locked.Dispose();

        int taken = 0;
        while (retired.TryTake(out BumpRegion? next))
        {
            taken++;
            Assert.True(next!.TryReopen(Size));
            Fill(next);
            next.Dispose();
        }

        Assert.Equal(4, taken);
    }

    [Fact]
    public void A_region_opens_again_with_less_than_it_had()
    {
        using BumpRegion region = Region();
        Fill(region);
        Assert.True(region.TryEmpty(inaccessible: false));
        Assert.True(region.TryReopen(Size / 2));
        Assert.True(region.TryTakeBlock(Size / 2, 64) is not null);
        Assert.True(region.TryTakeBlock(64, 64) is null);
        Assert.Equal(Size / 2, region.Used);
    }

    private static BumpRegion Region() => new(Size, RegionSettings.Plain);

    private static void Fill(BumpRegion region)
    {
        byte* start = region.TryTakeBlock(Size, 64);
        Assert.True(start is not null);
        var memory = new Span<byte>(start, Size);
        Assert.False(memory.ContainsAnyExcept((byte)0));
        memory.Fill(1);
    }
}
