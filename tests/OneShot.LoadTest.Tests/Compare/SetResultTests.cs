using OneShot.LoadTest.Compare;
using OneShot.LoadTest.Tools;

namespace OneShot.LoadTest.Tests.Compare;

public class SetResultTests
{
    private static readonly SetResult s_set = Comparisons.Set(HeaderSets.Tiny, slower: 1);

    [Fact]
    public void Each_side_has_its_medians_over_the_rounds()
    {
        Assert.Equal([50_000, 75_000, 70_000], s_set.Sides.Select(side => side.RequestsPerSecond));
        Assert.Equal([20, 12, 8], s_set.Sides.Select(side => side.CpuMicroseconds));
        Assert.Equal(new MemoryResult(1_224, 0, 12, 2, 0), s_set.Sides[0].Memory);
        Assert.Null(s_set.Sides[2].Memory);
    }

    [Fact]
    public void A_round_has_its_ratios_to_the_first_side()
    {
        Assert.Equal([1.5, 2, 1.1], s_set.Rounds.Select(round => round.ThroughputRatio(1)));
        Assert.Equal([1, 1, 1], s_set.Rounds.Select(round => round.ThroughputRatio(0)));
    }

    [Fact]
    public void A_pod_lives_until_it_drains()
    {
        Assert.Equal(TimeSpan.FromSeconds((long)(0.8 * (8L << 30)) / (528d * 75_000)), s_set.PodLife(1));
        Assert.Null(s_set.PodLife(0)); // takes nothing from the arena
        Assert.Null(s_set.PodLife(2)); // has none
    }

    [Fact]
    public void One_run_into_the_end_of_the_arena_is_enough_to_warn()
    {
        Round round = s_set.Rounds[0];
        Round full = new([round.Runs[0], Comparisons.WithFullArena(round.Runs[1]), round.Runs[2]]);

        Assert.False(s_set.ArenaFull);
        Assert.True((s_set with { Rounds = [round, full] }).ArenaFull);
    }
}
