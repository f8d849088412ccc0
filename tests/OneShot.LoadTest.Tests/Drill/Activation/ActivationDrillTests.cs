using OneShot.LoadTest.Drill.Activation;
using OneShot.LoadTest.Processes;
using OneShot.LoadTest.Servers;

namespace OneShot.LoadTest.Tests.Drill.Activation;

/// <summary>The activation drill in its short form: the real sample behind a socket that stays, restarted under load.</summary>
public class ActivationDrillTests
{
    [Theory]
    [InlineData("OneShot")]
    [InlineData("Sockets")]
    public async Task Restarts_behind_a_socket_that_stays_fail_no_request(string transport)
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "Descriptors are handed on as systemd does, on Linux.");
        Assert.SkipWhen(Executables.Find("bash") is null, "bash is not installed.");
        ActivationOptions options = new(Enum.Parse<Transport>(transport), Restarts: 3, TimeSpan.FromMinutes(4), "4MiB", RequestsPerSecond: 500, Clients: 16);

        ActivationResult result = await new ActivationDrill(DrillLength.Apply(options), SampleLocation.Find(null)).RunAsync(TestContext.Current.CancellationToken);

        Assert.True(result.Verdict is null, $"{result.Verdict}: {string.Join(", ", result.Failures)}");
        Assert.True(result.Away.Count >= 3);
        Assert.True(result.Succeeded > 1_000);
        Assert.True(result.Watchdogs > 0);
        Assert.True(result.Latencies.Longest >= result.Latencies.P999 && result.Latencies.P999 >= result.Latencies.Median);
    }
}
