using OneShot.LoadTest.Drill;
using OneShot.LoadTest.Drill.Balancing;
using OneShot.LoadTest.Drill.Supervision;
using OneShot.LoadTest.Processes;
using OneShot.LoadTest.Servers;
using OneShot.Testing;

namespace OneShot.LoadTest.Tests.Drill;

/// <summary>The restart drill in its short form: the real sample, a real HAProxy, processes that end and are started again.</summary>
public class DrillTests
{
    /// <summary>Half of what lies between two restarts: 15 % of 8 MiB at 120 requests a second and 1.2 KB each.</summary>
    private static readonly TimeSpan s_longStart = TimeSpan.FromSeconds(4);

    // Fewer requests than the command's own 1,000 a second: lives must be long beside a start, which takes five seconds on a busy core.
    private static readonly DrillOptions s_short = new(
        DrillMode.Kubernetes, Replicas: 5, Restarts: 6, TimeSpan.FromMinutes(8), "8MiB", RequestsPerSecond: 600, Clients: 32, TimeScale: 60, InStep: false);

    [Theory]
    [InlineData("Kubernetes", 6)]
    [InlineData("Liveness", 3)]
    [InlineData("Compose", 6)]
    public Task Restarts_under_load_and_not_one_request_notices(string mode, int restarts) =>
        RunAsync(s_short with { Mode = Enum.Parse<DrillMode>(mode), Restarts = restarts });

    /// <summary>An arena that would last for hours: it is the budget that brings the restarts, after 32 MiB at 120 requests a second and about 5 KB each.</summary>
    [Fact]
    public Task Restarts_by_a_heap_budget_are_noticed_no_more() =>
        RunAsync(s_short with { Restarts = 4, Capacity = "1GiB", HeapBudget = "32MiB", Garbage = 4096 });

    /// <summary>Replicas that leak, each in a container of 160 MiB: the kernel would kill them, and gets none.</summary>
    [Fact]
    public Task A_leak_in_a_container_is_noticed_no_more()
    {
        try
        {
            MemoryCgroup.Create(64 << 20).Dispose();
        }
        catch (NotSupportedException exception)
        {
            Assert.Skip(exception.Message);
        }

        return RunAsync(s_short with { Restarts = 4, Leak = 5_000 });
    }

    private static async Task RunAsync(DrillOptions options)
    {
        options = DrillLength.Apply(options);
        Assert.SkipWhen(Executables.Find("haproxy") is null, "haproxy is not installed.");
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

        string report = $"{result.Verdict}: {string.Join(", ", result.Failures)}\n{string.Join('\n', steps)}";
        Assert.True(result.Unfinished is null && result.Failed == 0 && !result.Unplanned.Any(), report);
        // Replicas that take long to start beside the time between two restarts draw level, however fast the code is.
        Assert.True(result.Timeline.AllDown == TimeSpan.Zero || MeanStart(result) > s_longStart, report);
        Assert.Equal(0, result.OomKills);
        Assert.True(result.Restarts.Count >= options.Restarts);
        Assert.True(result.Succeeded > 1_000);
        // 143 is a process that ends itself already when the kubelet's probe, sixty times as fast as life, finds that it accepts no more, and SIGTERM comes on top.
        Assert.All(result.Restarts, restart => Assert.Contains(restart.ExitCode, (int[])[0, 143]));
        Assert.All(result.Restarts, restart => Assert.False(restart.Killed));
    }

    /// <summary>One connection to each replica fills all arenas within seconds: none of them may go, however long that lasts.</summary>
    [Fact]
    public async Task An_attack_that_fills_every_arena_loses_no_replica()
    {
        Assert.SkipWhen(Executables.Find("haproxy") is null, "haproxy is not installed.");
        DrillOptions options = new(
            DrillMode.Kubernetes, Replicas: 2, Restarts: 1, TimeSpan.FromSeconds(Settings.Seconds ?? 10), "8MiB", RequestsPerSecond: 100, Clients: 8, TimeScale: 60, InStep: true)
        {
            IsAttacked = true,
        };

        DrillResult result = await new RestartDrill(options, SampleLocation.Find(null), HaProxy.Find(null)).RunAsync(TestContext.Current.CancellationToken);

        Assert.True(result.Verdict is null, $"{result.Verdict}: {string.Join(", ", result.Failures)}");
        Assert.Empty(result.Restarts);
        Assert.True(result.Succeeded > 100);
    }

    /// <summary>From a replica's first instruction until the balancer sends to it. A last one may not have got that far.</summary>
    private static TimeSpan MeanStart(DrillResult result) =>
        result.Timeline.Replicas.Select(times => times[ReplicaPhase.Starting]).Aggregate(TimeSpan.Zero, (sum, time) => sum + time) / result.Restarts.Count;
}
