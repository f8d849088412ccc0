using OneShot.LoadTest.Servers;
using OneShot.LoadTest.Tail;

namespace OneShot.LoadTest.Tests.Tail;

public class TailSidesTests
{
    [Fact]
    public void The_default_is_every_side_once() => Assert.Equal(Enum.GetValues<TailSide>(), TailSides.Parse(TailSides.Default));

    [Fact]
    public void Sides_differ_in_what_they_are_called_by_and_in_nothing_else()
    {
        SampleSettings[] settings = [.. Enum.GetValues<TailSide>().Select(side => TailSides.Settings(side, 10_000, Tails.Options))];

        Assert.Equal([Front.Kestrel, Front.OneShot, Front.OneShot, Front.Kestrel], settings.Select(side => side.Front));
        Assert.All(settings, side => Assert.Contains("DOTNET_ThreadPool_UnfairSemaphoreSpinLimit", side.Environment.Keys));
        Assert.Equal(["DOTNET_GCgen0size=10000000"], settings.SelectMany(side => side.Environment.Except(settings[0].Environment).Select(pair => $"{pair.Key}={pair.Value}")));
        Assert.Equal(["--OneShot:Heap:Budget=2GiB"], settings.SelectMany(side => side.More.Except(settings[0].More)));
        Assert.All(settings, side => Assert.Contains("--OneShot:Garbage=10000", side.More));
        Assert.All(settings, side => Assert.Contains("--OneShot:LiveObjects=1024", side.More));
    }

    [Fact]
    public void Replicas_restart_themselves_on_every_side_alike()
    {
        SampleSettings[] settings = [.. Enum.GetValues<TailSide>().Select(side => TailSides.Settings(side, 10_000, Tails.Options with { Replicas = 3 }))];

        Assert.All(settings, side => Assert.Contains("--OneShot:Restart:SelfDrain=true", side.More));
        Assert.All(settings, side => Assert.Contains("--OneShot:Restart:MinLife=00:00:00", side.More));
        Assert.All(settings, side => Assert.Contains("--OneShot:Restart:DrainDelay=00:00:10", side.More));
        Assert.Equal(["--OneShot:Heap:Budget=2GiB"], settings.SelectMany(side => side.More.Except(settings[0].More)));
    }

    [Theory]
    [InlineData("stock,nginx", "--sides: 'nginx' is no side: write stock, front, budget or gen0size, with commas between them.")]
    [InlineData("1", "--sides: '1' is no side: write stock, front, budget or gen0size, with commas between them.")]
    [InlineData("front,front", "--sides 'front,front' names a side twice: give --rounds for more turns of each.")]
    public void Others_are_refused(string text, string message) =>
        Assert.Equal(message, Assert.Throws<LoadTestException>(() => TailSides.Parse(text)).Message);
}
