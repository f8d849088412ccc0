using OneShot.LoadTest.Drill;

namespace OneShot.LoadTest.Tests.Drill;

public class DrillResultTests
{
    [Fact]
    public void A_drill_that_nobody_noticed_has_no_verdict() => Assert.Null(Drills.Good.Verdict);

    [Fact]
    public void Whatever_was_noticed_is_in_the_verdict()
    {
        DrillResult result = Drills.Good with
        {
            Failures = new Dictionary<string, int> { ["GET answered with 503"] = 2, ["POST failed: ResponseEnded"] = 1 },
            Restarts = [Drills.Restart(0), Drills.Restart(1) with { Phase = ReplicaPhase.Ready, ExitCode = 139 }],
            Timeline = Drills.Good.Timeline with { ReadyCounts = [TimeSpan.FromSeconds(0.25), TimeSpan.Zero, TimeSpan.Zero, TimeSpan.FromSeconds(60)] },
            Unfinished = "only 2 of 20 restarts within 60 s",
        };

        Assert.Equal("only 2 of 20 restarts within 60 s, 3 requests failed, no replica was ready for 0.25 s, 1 replicas ended without having drained", result.Verdict);
    }

    [Fact]
    public void A_kill_by_the_kernel_is_in_the_verdict() =>
        Assert.Equal("the kernel killed 2 replicas for want of memory", (Drills.Good with { OomKills = 2 }).Verdict);

    [Fact]
    public void Under_an_attack_a_planned_restart_is_one_too_many()
    {
        DrillResult result = Drills.Good with { Options = Drills.Good.Options with { IsAttacked = true } };

        Assert.Equal("2 replicas were restarted by the attack, replicas left the rotation under the attack", result.Verdict);
    }
}
