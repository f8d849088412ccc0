using HeaderServer;

namespace OneShot.AspNetCore.Tests.Sample;

/// <summary>The heap is the process's: nothing else runs beside.</summary>
[Collection(Name)]
[CollectionDefinition(Name, DisableParallelization = true)]
public class LiveObjectsTests
{
    public const string Name = "Heap of the process";

    private const int Mebibytes = 64;
    private const long Bytes = (long)Mebibytes << 20;

    [Fact]
    public void They_take_what_was_asked_for_and_those_that_are_replaced_do_not_stay()
    {
        long before = GC.GetTotalMemory(forceFullCollection: true);
        LiveObjects objects = LiveObjects.Create(Mebibytes);
        long with = GC.GetTotalMemory(forceFullCollection: true);

        RequestDelegate replace = objects.ReplaceOne(_ => Task.CompletedTask);
        DefaultHttpContext context = new();
        // 220 bytes each: all of them several times.
        for (int i = 0; i < 1_500_000; i++)
        {
            Assert.True(replace(context).IsCompletedSuccessfully);
        }

        long after = GC.GetTotalMemory(forceFullCollection: true);
        GC.KeepAlive(objects);

        Assert.InRange(with - before, Bytes / 2, Bytes * 3 / 2);
        Assert.InRange(after - before, Bytes / 2, Bytes * 3 / 2);
    }
}
