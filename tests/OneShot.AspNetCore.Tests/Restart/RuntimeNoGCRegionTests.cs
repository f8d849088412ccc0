using System.Runtime;
using OneShot.AspNetCore.Restart;

namespace OneShot.AspNetCore.Tests.Restart;

/// <summary>On the region of this process, of which there is one: nothing else runs beside, and what collects all the same begins a test again.</summary>
[Collection(Name)]
[CollectionDefinition(Name, DisableParallelization = true)]
public sealed class RuntimeNoGCRegionTests : IDisposable
{
    public const string Name = "No-GC region of the process";

    private const long Size = 4 << 20;
    private const long Large = 1 << 20;

    [Fact]
    public void Only_the_host_that_has_entered_is_in_the_region_and_only_it_ends_it() => Repeat(static () =>
    {
        RuntimeNoGCRegion first = new(pages: null), second = new(pages: null);
        Assert.True(first.TryEnter(Size, Large, mayCollect: true));
        bool isGranted = second.TryEnter(Size, Large, mayCollect: true);
        second.Leave();
        bool wasSecond = second.IsEntered, isFirst = first.IsEntered;
        if (!IsOn)
        {
            return false;
        }

        Assert.Equal((false, false, true), (isGranted, wasSecond, isFirst));
        first.Leave();
        Assert.Equal((false, false), (first.IsEntered, IsOn));
        return true;
    });

    [Fact]
    public void What_something_has_ended_is_another_hosts_to_enter_and_the_first_one_does_not_end_that() => Repeat(static () =>
    {
        RuntimeNoGCRegion first = new(pages: null), second = new(pages: null);
        Assert.True(first.TryEnter(Size, Large, mayCollect: true));
        End();
        Assert.True(second.TryEnter(Size, Large, mayCollect: true));
        bool isFirst = first.IsEntered, isSecond = second.IsEntered;
        first.Leave();
        if (!IsOn)
        {
            return false;
        }

        Assert.Equal((false, true, true), (isFirst, isSecond, second.IsEntered));
        second.Leave();
        return true;
    });

    [Fact]
    public void A_region_of_the_applications_own_is_neither_entered_nor_ended() => Repeat(static () =>
    {
        RuntimeNoGCRegion region = new(pages: null);
        Assert.True(region.TryEnter(Size, Large, mayCollect: true));
        End();
        Assert.False(region.IsEntered); // a sample
        Assert.True(GC.TryStartNoGCRegion(Size));
        bool isEntered = region.IsEntered, isGranted = region.TryEnter(Size, Large, mayCollect: false);
        region.Leave();
        if (!IsOn)
        {
            return false;
        }

        Assert.Equal((false, false), (isEntered, isGranted));
        GC.EndNoGCRegion();
        return true;
    });

    // Whoever asks for a second one ends the first: so we do not ask, and an application that does costs us ours.
    [Fact]
    public void A_second_region_that_is_asked_for_ends_the_first_one()
    {
        RuntimeNoGCRegion region = new(pages: null);
        Assert.True(region.TryEnter(Size, Large, mayCollect: true));
        if (region.IsEntered)
        {
            Assert.Throws<InvalidOperationException>(static () => GC.TryStartNoGCRegion(Size));
        }

        Assert.False(region.IsEntered);
        Assert.True(region.TryEnter(Size, Large, mayCollect: false));
        region.Leave();
    }

    // They have memory of their own beside the budget, and count to its use all the same: the runtime tells one sum.
    [Fact]
    public void Large_objects_count_as_allocated()
    {
        RuntimeNoGCRegion region = new(pages: null);
        long before = region.Allocated;

        for (int i = 0; i < 100; i++)
        {
            GC.KeepAlive(new byte[100_000]);
        }

        Assert.True(region.Allocated - before >= 9_900_000); // what a thread that ends has not used is taken off
    }

    // Of what the GC will not give notice of, the samples tell.
    [Theory]
    [InlineData(0)]
    [InlineData(-1)]
    [InlineData(1)]
    [InlineData(1L << 40)]
    public void A_notice_that_is_not_to_be_had_is_none_and_no_error(long size)
    {
        RuntimeNoGCRegion region = new(pages: null);
        Assert.True(region.TryEnter(Size, Large, mayCollect: true));

        region.NoticeAt(size, static () => { });
        region.Leave();
        region.NoticeAt(size, static () => { });
    }

    // Once entered, what becomes of the memory may not turn that into a refusal: the process would be in a region that nobody ends.
    [Fact]
    public void A_failure_after_the_entry_is_no_refusal() => Repeat(static () =>
    {
        int lists = 0;
        HeapPages pages = new(static () => MemoryRoom.Unlimited, () => ++lists == 2 ? throw new InvalidOperationException() : [], static (_, _) => 0);
        RuntimeNoGCRegion region = new(pages);
        Assert.Throws<InvalidOperationException>(() => region.TryEnter(Size, Large, mayCollect: true));
        bool isEntered = region.IsEntered;
        if (!IsOn)
        {
            return false;
        }

        Assert.True(isEntered);
        region.Leave();
        Assert.False(IsOn);
        return true;
    });

    public void Dispose() => End();

    private static bool IsOn => GCSettings.LatencyMode == GCLatencyMode.NoGCRegion;

    /// <summary>As something else would. Threads of earlier tests may collect as well.</summary>
    private static void End()
    {
        while (IsOn)
        {
            GC.Collect();
        }
    }

    /// <summary>Until nothing else has collected in between.</summary>
    private static void Repeat(Func<bool> test)
    {
        for (int tries = 0; tries < 100; tries++)
        {
            if (test())
            {
                return;
            }

            End();
        }

        Assert.Skip("Something collects all the time.");
    }
}
