using OneShot.LoadTest.Tail.Load;
using OneShot.LoadTest.Tests.Drill.Supervision;

namespace OneShot.LoadTest.Tests.Tail.Load;

public class RequestScheduleTests
{
    [Fact]
    public void A_request_is_due_by_its_number_alone()
    {
        VirtualTime time = new();
        RequestSchedule schedule = new(time, requestsPerSecond: 100, TimeSpan.FromSeconds(2));

        Assert.Equal(200, schedule.Count);
        Assert.Equal(TimeSpan.FromMilliseconds(1_990), schedule.DueAfter(199));
        Assert.Equal(TimeSpan.FromMilliseconds(-10), schedule.Since(1));

        // The client sleeps for half a second: those that were due meanwhile are late by as much as they were due before its end.
        time.Advance(TimeSpan.FromMilliseconds(500));
        Assert.Equal(TimeSpan.FromMilliseconds(490), schedule.Since(1));
        Assert.Equal(TimeSpan.Zero, schedule.Since(50));
    }

    [Fact]
    public void Rates_that_do_not_divide_a_second_do_not_drift()
    {
        RequestSchedule schedule = new(new VirtualTime(), requestsPerSecond: 3_000, TimeSpan.FromHours(1));

        Assert.Equal(10_800_000, schedule.Count);
        Assert.Equal(TimeSpan.FromMinutes(30), schedule.DueAfter(5_400_000));
    }
}
