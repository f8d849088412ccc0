using OneShot.LoadTest.Compare;
using OneShot.LoadTest.Tools;

namespace OneShot.LoadTest.Tests.Compare;

public class SetResultTests
{
    private static readonly SetResult s_set = Comparisons.Set(HeaderSets.Tiny, slower: 1);

    [Fact]
    public void Ratios_are_taken_pair_by_pair_and_sides_round_by_round()
    {
        Assert.Equal(50_000, s_set.Kestrel.RequestsPerSecond);
        Assert.Equal(75_000, s_set.OneShot.RequestsPerSecond);
        Assert.Equal(1.5, s_set.ThroughputRatio); // of 1.5, 2.0 and 1.1
        Assert.Equal(0.6, s_set.CpuRatio, 6);
    }

    [Fact]
    public void A_pod_lives_until_it_drains()
    {
        Assert.Equal(TimeSpan.FromSeconds((long)(0.8 * (8L << 30)) / (528d * 75_000)), s_set.PodLife);
        Assert.Null(s_set.Kestrel.LifeOf(8L << 30)); // takes nothing from the arena
    }

    [Fact]
    public void One_run_into_the_end_of_the_arena_is_enough_to_warn()
    {
        RoundPair pair = s_set.Pairs[0];
        RoundPair full = pair with { OneShot = pair.OneShot with { Cost = pair.OneShot.Cost with { ArenaFull = true } } };

        Assert.False(s_set.ArenaFull);
        Assert.True((s_set with { Pairs = [pair, full] }).ArenaFull);
    }
}
