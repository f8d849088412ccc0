using OneShot.LoadTest.Drill;
using OneShot.LoadTest.Drill.Balancing;
using OneShot.LoadTest.Processes;
using OneShot.LoadTest.Servers;

namespace OneShot.LoadTest.Tests.Drill;

/// <summary>The restart drill in its short form: the real sample, a real HAProxy, processes that end and are started again.</summary>
public class DrillTests
{
    [Theory]
    [InlineData("Kubernetes")]
    [InlineData("Compose")]
    public async Task Six_restarts_under_load_and_not_one_request_notices(string mode)
    {
        Assert.SkipWhen(Executables.Find("haproxy") is null, "haproxy is not installed.");
        // Slower than the command's own 1,000 a second: on one busy core a replica takes five seconds to start, and lives must be long beside that.
        DrillOptions options = new(
            Enum.Parse<DrillMode>(mode), Replicas: 5, Restarts: 6, TimeSpan.FromMinutes(8), "8MiB", RequestsPerSecond: 600, Clients: 32, TimeScale: 60, InStep: false);
        List<string> steps = [];

        DrillResult result = await new RestartDrill(options, SampleLocation.Find(null), HaProxy.Find(null))
        {
            Progress = (step, _) =>
            {
                lock (steps)
                {
                    steps.Add(step);
                }
            },
        }.RunAsync(TestContext.Current.CancellationToken);

        Assert.True(result.Verdict is null, $"{result.Verdict}: {string.Join(", ", result.Failures)}\n{string.Join('\n', steps)}");
        Assert.True(result.Restarts.Count >= 6);
        Assert.True(result.Succeeded > 1_000);
        Assert.All(result.Restarts, restart => Assert.Equal(0, restart.ExitCode));
        Assert.All(result.Restarts, restart => Assert.False(restart.Killed));
    }
}
