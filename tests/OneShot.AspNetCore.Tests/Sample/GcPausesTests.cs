using HeaderServer.Stats;

namespace OneShot.AspNetCore.Tests.Sample;

public class GcPausesTests
{
    [Fact]
    public async Task A_collection_is_a_pause_with_its_time()
    {
        DateTime before = DateTime.UtcNow;
        using GcPauses pauses = new();
        GC.Collect();

        // The runtime hands over its events on a thread of its own.
        while (pauses.ToArray().Length == 0)
        {
            await Task.Delay(10, TestContext.Current.CancellationToken);
        }

        GcPause pause = pauses.ToArray()[0];
        Assert.InRange(pause.At, before.AddSeconds(-1), DateTime.UtcNow.AddSeconds(1));
        Assert.InRange(pause.Microseconds, 1, 60_000_000);
    }
}
