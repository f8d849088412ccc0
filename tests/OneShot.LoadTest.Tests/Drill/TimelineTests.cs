using OneShot.LoadTest.Drill;
using OneShot.LoadTest.Tests.Drill.Supervision;

namespace OneShot.LoadTest.Tests.Drill;

public class TimelineTests
{
    private readonly VirtualTime _time = new();

    [Fact]
    public void Every_second_is_in_one_phase_of_each_replica_and_one_count_of_ready_ones()
    {
        Timeline timeline = new(2, _time);
        timeline.ProcessIs(0, running: true);
        timeline.ProcessIs(1, running: true);
        Pass(1); // both start
        timeline.RotationIs(0, inRotation: true);
        Pass(2); // 1 ready, 2 starts
        timeline.RotationIs(1, inRotation: true);
        Pass(3); // both ready
        timeline.RotationIs(0, inRotation: false);
        Pass(4); // 1 drains
        timeline.ProcessIs(0, running: false);
        Pass(5); // 1 is down

        TimelineResult result = timeline.Read();

        Assert.Equal([Seconds(1), Seconds(2 + 4 + 5), Seconds(3)], result.ReadyCounts);
        Assert.Equal(Seconds(1), result.AllDown);
        Assert.Equal([Seconds(5), Seconds(1), Seconds(2 + 3), Seconds(4)], Enum.GetValues<ReplicaPhase>().Select(phase => result.Replicas[0][phase]));
        Assert.Equal([Seconds(0), Seconds(3), Seconds(12), Seconds(0)], Enum.GetValues<ReplicaPhase>().Select(phase => result.Replicas[1][phase]));
    }

    [Fact]
    public void A_dead_replica_that_the_balancer_still_believes_in_is_not_ready()
    {
        Timeline timeline = new(1, _time);
        timeline.ProcessIs(0, running: true);
        timeline.RotationIs(0, inRotation: true);
        timeline.ProcessIs(0, running: false);

        Assert.Equal(ReplicaPhase.Down, timeline.PhaseOf(0));
        Assert.Equal(0, timeline.ReadyNow());
    }

    [Fact]
    public void A_replica_is_away_from_its_draining_until_it_is_in_rotation_again()
    {
        Timeline timeline = new(1, _time);
        timeline.ProcessIs(0, running: true);
        Pass(1); // starts for the first time: nobody misses it
        timeline.RotationIs(0, inRotation: true);
        Pass(2);
        timeline.RotationIs(0, inRotation: false);
        Pass(3);
        timeline.ProcessIs(0, running: false);
        Pass(4);
        timeline.ProcessIs(0, running: true);
        Pass(5);
        timeline.RotationIs(0, inRotation: true);

        Assert.Equal([Seconds(3 + 4 + 5)], timeline.Read().Away);
    }

    [Fact]
    public void What_was_before_the_beginning_does_not_count()
    {
        Timeline timeline = new(1, _time);
        Pass(10);
        timeline.ProcessIs(0, running: true);
        timeline.RotationIs(0, inRotation: true);
        timeline.Begin();
        Pass(2);

        Assert.Equal([Seconds(0), Seconds(2)], timeline.Read().ReadyCounts);
    }

    private static TimeSpan Seconds(double seconds) => TimeSpan.FromSeconds(seconds);

    private void Pass(double seconds) => _time.Advance(Seconds(seconds));
}
