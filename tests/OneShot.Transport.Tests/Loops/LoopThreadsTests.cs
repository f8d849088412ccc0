using OneShot.Transport.Loops;

namespace OneShot.Transport.Tests.Loops;

public sealed class LoopThreadsTests
{
    [Theory]
    [InlineData(0, 1, 0)]
    [InlineData(0, 4, 0)]
    [InlineData(1, 1, 1)]
    [InlineData(1, 4, 4)]
    [InlineData(16, 2, 17)]
    public void Every_loop_that_was_promised_a_spare_gets_one(int mostSpares, int loops, int mostThreads)
    {
        var threads = new LoopThreads(mostSpares, loops, LoopThreads.DefaultIdle);
        Assert.Equal(mostSpares > 0, threads.HasSpare);
        var reserved = new List<LoopThread>();
        while (threads.TryReserve() is { } thread)
        {
            reserved.Add(thread);
            Assert.Equal(reserved.Count < mostSpares, threads.HasSpare);
        }

        Assert.Equal(mostThreads, reserved.Count);
        Assert.Equal(mostThreads, threads.Spares);
        reserved.ForEach(threads.Park);
        Assert.Equal(mostSpares > 0, threads.HasSpare);
        Assert.Equal(0, threads.Spares); // none of them was started
    }
}
