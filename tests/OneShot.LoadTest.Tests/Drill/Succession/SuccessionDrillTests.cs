using OneShot.LoadTest.Drill.Succession;
using OneShot.LoadTest.Servers;

namespace OneShot.LoadTest.Tests.Drill.Succession;

/// <summary>The succession drill in its short form: the real sample, which starts its own successors under load.</summary>
public class SuccessionDrillTests
{
    [Theory]
    [InlineData("OneShot")]
    [InlineData("Sockets")]
    public async Task Processes_that_start_their_own_successors_fail_no_request(string transport)
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "Listening sockets are handed on on Linux.");
        SuccessionOptions options = new(
            Enum.Parse<Transport>(transport), Successions: 3, TimeSpan.FromMinutes(4), "4MiB", RequestsPerSecond: 500, Clients: 16, DrainDelay: TimeSpan.FromSeconds(12));

        SuccessionResult result = await new SuccessionDrill(DrillLength.Apply(options), SampleLocation.Find(null)).RunAsync(TestContext.Current.CancellationToken);

        Assert.True(result.Verdict is null, $"{result.Verdict}: {string.Join(", ", result.Failures)}");
        Assert.True(result.Starts.Count >= 3);
        Assert.True(result.Succeeded > 1_000);
        Assert.All(result.Starts, start => Assert.True(start > TimeSpan.Zero));
    }
}
