using OneShot.Blocks;
using OneShot.Memory;

namespace OneShot.Tests.Blocks;

public unsafe class GenerationTests
{
    private static readonly int s_page = Environment.SystemPageSize;

    // A generation that had given pages back counted as if it had them still: more was used than the cap.
    [Fact]
    public void What_was_given_back_before_the_system_refused_stays_given_back()
    {
        using var owner = new GenerationSet(4 * s_page, 4 * s_page, isDebug: false, static _ => throw new InvalidOperationException(), static () => { });
        using var region = new BumpRegion(4 * s_page, RegionSettings.Plain);
        var generation = new Generation(owner, region, 4 * s_page);
        byte*[] blocks = [TakePage(generation), TakePage(generation), TakePage(generation)];
        generation.StopTaking();
        generation.Release(blocks[0], (nuint)s_page);
        generation.Empty();
        Assert.Equal(2 * s_page, generation.Share);

        generation.Release(blocks[1], (nuint)s_page);
        FaultInjection.FailAfter(1);
        generation.Empty();
        Assert.True(FaultInjection.Stop());
        Assert.Equal(2 * s_page, generation.Share);
        Assert.Equal(2 * s_page, generation.Used);
    }

    private static byte* TakePage(Generation generation)
    {
        byte* start = generation.TryTakeBlock(s_page, s_page);
        Assert.True(start is not null);
        return start;
    }
}
