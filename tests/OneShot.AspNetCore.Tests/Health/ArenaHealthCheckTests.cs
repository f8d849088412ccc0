using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Logging.Abstractions;
using OneShot.AspNetCore.Health;
using OneShot.AspNetCore.Hosting.MemoryLimit;
using OneShot.AspNetCore.Restart;
using OneShot.AspNetCore.Tests.Restart;

namespace OneShot.AspNetCore.Tests.Health;

public class ArenaHealthCheckTests
{
    private const int Capacity = 1 << 20;

    [Theory]
    [InlineData(0.0, HealthStatus.Healthy, HealthStatus.Healthy)]
    [InlineData(0.74, HealthStatus.Healthy, HealthStatus.Healthy)]
    [InlineData(0.75, HealthStatus.Degraded, HealthStatus.Degraded)]
    [InlineData(0.84, HealthStatus.Degraded, HealthStatus.Degraded)]
    [InlineData(0.86, HealthStatus.Unhealthy, HealthStatus.Degraded)]
    [InlineData(0.94, HealthStatus.Unhealthy, HealthStatus.Degraded)]
    [InlineData(0.96, HealthStatus.Unhealthy, HealthStatus.Unhealthy)]
    [InlineData(1.0, HealthStatus.Unhealthy, HealthStatus.Unhealthy)]
    public async Task Readiness_trips_before_liveness(double fill, HealthStatus ready, HealthStatus live)
    {
        await using ServiceProvider services = Services();
        Fill(services, fill);

        HealthReport report = await CheckAsync(services);

        Assert.Equal(ready, report.Entries["oneshot_arena_ready"].Status);
        Assert.Equal(live, report.Entries["oneshot_arena_live"].Status);
    }

    [Fact]
    public async Task Before_its_least_life_a_full_process_fails_neither_probe_and_says_why()
    {
        await using ServiceProvider services = Services(restart: o => o.MinLife = TimeSpan.FromMinutes(10));
        Fill(services, 1.0);

        HealthReport report = await CheckAsync(services);

        Assert.All(report.Entries.Values, entry => Assert.Equal(HealthStatus.Degraded, entry.Status));
        HealthReportEntry live = report.Entries["oneshot_arena_live"];
        Assert.Contains("has not lived for MinLife yet", live.Description, StringComparison.Ordinal);
        Assert.InRange((double)live.Data["heldBackSeconds"], 1, 600);
    }

    [Fact]
    public async Task Thresholds_are_options()
    {
        await using ServiceProvider services = Services(restart: o => (o.WarnAt, o.DrainAt, o.LiveAt) = (0.1, 0.2, 0.3));
        Fill(services, 0.25);

        HealthReport report = await CheckAsync(services);

        Assert.Equal(HealthStatus.Unhealthy, report.Entries["oneshot_arena_ready"].Status);
        Assert.Equal(HealthStatus.Degraded, report.Entries["oneshot_arena_live"].Status);
    }

    [Fact]
    public async Task The_data_carries_the_numbers()
    {
        await using ServiceProvider services = Services();
        Fill(services, 0.5);

        HealthReportEntry entry = (await CheckAsync(services)).Entries["oneshot_arena_live"];

        Assert.Equal((long)Capacity, entry.Data["capacity"]);
        Assert.Equal(Capacity / 2L, entry.Data["used"]);
        Assert.Equal(0.5, entry.Data["utilization"]);
        Assert.Equal("Never", entry.Data["reclamation"]);
        Assert.Equal(0L, entry.Data["fallbackBlocks"]);
        Assert.Equal(0L, entry.Data["fallbackBytes"]);
        Assert.StartsWith("The process arena is 50.0 % full: 524288 of 1048576 bytes", entry.Description, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Fallbacks_show_in_the_data()
    {
        await using ServiceProvider services = Services();
        Fill(services, 1);
        using Arena arena = services.GetRequiredService<ProcessArena>().CreateArena();
        arena.Allocate<byte>(100);

        HealthReportEntry entry = (await CheckAsync(services)).Entries["oneshot_arena_live"];

        Assert.Equal(1L, entry.Data["fallbackBlocks"]);
        Assert.True((long)entry.Data["fallbackBytes"] >= 100);
    }

    [Fact]
    public void A_budget_that_has_not_begun_or_is_being_faulted_in_is_not_ready_and_lives()
    {
        using ProcessArena process = new(new() { Capacity = Capacity });
        using SelfDrain selfDrain = new(TimeProvider.System, NullLogger.Instance, lifetime: null);
        using RestartMonitor monitor = new([], new(), draw: 0, TimeProvider.System, selfDrain, NullLogger<RestartMonitor>.Instance);
        ManualRegion region = new();
        HeapBudget heap = new(new() { Budget = 1 << 30 }, noticeAt: 0.75, region, NullLogger.Instance);
        List<(HealthStatus Ready, HealthStatus Live, string? Text)> seen = [];
        region.Populates = () =>
        {
            See();
            return default;
        };

        See(); // the server listens already
        heap.Start();
        See();

        Assert.Equal((HealthStatus.Unhealthy, HealthStatus.Healthy), (seen[0].Ready, seen[0].Live));
        Assert.EndsWith(" The heap budget has not begun: the host is starting.", seen[0].Text, StringComparison.Ordinal);
        Assert.Equal((HealthStatus.Unhealthy, HealthStatus.Healthy), (seen[1].Ready, seen[1].Live));
        Assert.EndsWith(" The heap budget is being faulted in.", seen[1].Text, StringComparison.Ordinal);
        Assert.Equal((HealthStatus.Healthy, HealthStatus.Healthy), (seen[2].Ready, seen[2].Live));

        void See() => seen.Add((Check(RestartPhase.Draining).Status, Check(RestartPhase.Due).Status, Check(RestartPhase.Draining).Description));

        HealthCheckResult Check(RestartPhase failsFrom)
        {
            RestartHealthCheck check = new(process, heap, monitor, failsFrom);
            HealthCheckContext context = new() { Registration = new("any", check, HealthStatus.Unhealthy, tags: null) };
            return check.CheckHealthAsync(context, TestContext.Current.CancellationToken).Result;
        }
    }

    [Fact]
    public void Who_ends_himself_is_not_ready_and_lives_however_full_he_is()
    {
        using MonitoredArena arena = new(new() { SelfDrain = true, DrainDelay = TimeSpan.FromSeconds(5) });
        arena.FillTo(1000);
        arena.Advance(1);

        Assert.Equal((HealthStatus.Unhealthy, HealthStatus.Healthy), (StatusOf(arena.Monitor, RestartPhase.Draining), StatusOf(arena.Monitor, RestartPhase.Due)));
    }

    [Theory]
    [InlineData(ArenaExhaustion.Fallback)]
    [InlineData(ArenaExhaustion.Throw)]
    public void An_arena_that_could_not_serve_within_the_last_minute_is_degraded_whatever_its_fill(ArenaExhaustion exhaustion)
    {
        ManualClock clock = new();
        using ProcessArena process = new(new() { Capacity = Capacity, Reclamation = ArenaReclamation.PerRequest, Exhaustion = exhaustion });
        using SelfDrain selfDrain = new(clock, NullLogger.Instance, lifetime: null);
        using RestartMonitor monitor = new([new ArenaSource(process, clock)], new(), draw: 0, clock, selfDrain, NullLogger<RestartMonitor>.Instance);
        RestartHealthCheck check = new(process, new HeapBudget(new(), noticeAt: 0.75, new RuntimeNoGCRegion(pages: null), NullLogger.Instance), monitor, RestartPhase.Due);
        monitor.Start();
        clock.Advance(TimeSpan.Zero);
        Assert.Equal(HealthStatus.Healthy, Status());

        using (Arena arena = process.CreateArena())
        {
            if (exhaustion == ArenaExhaustion.Throw)
            {
                Assert.Throws<ArenaExhaustedException>(() => arena.Allocate<byte>(2 * Capacity));
            }
            else
            {
                arena.Allocate<byte>(2 * Capacity);
            }
        }

        clock.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal(HealthStatus.Degraded, Status());
        Advance(seconds: 50);
        Assert.Equal(HealthStatus.Degraded, Status());
        Advance(seconds: 30);
        Assert.Equal(HealthStatus.Healthy, Status());

        HealthStatus Status()
        {
            HealthCheckContext context = new() { Registration = new("live", check, HealthStatus.Unhealthy, tags: null) };
            return check.CheckHealthAsync(context, TestContext.Current.CancellationToken).Result.Status;
        }

        void Advance(int seconds)
        {
            for (int i = 0; i < seconds; i++)
            {
                clock.Advance(TimeSpan.FromSeconds(1));
            }
        }
    }

    [Fact]
    public async Task A_heap_budget_is_in_text_and_data_and_its_phase_counts()
    {
        ManualRegion region = new();
        HeapBudget heap = new(new() { Budget = 100 << 20 }, noticeAt: 0.75, region, NullLogger.Instance);
        await using ServiceProvider services = Services(heap: heap);
        heap.Start();
        region.Allocate(96 << 20);

        HealthReport report = await CheckAsync(services);

        HealthReportEntry live = report.Entries["oneshot_arena_live"];
        Assert.Equal((HealthStatus.Unhealthy, HealthStatus.Unhealthy), (live.Status, report.Entries["oneshot_arena_ready"].Status));
        Assert.Equal((100L << 20, 96L << 20, 0.96, "Active"), (live.Data["heapLimit"], live.Data["heapUsed"], live.Data["heapUtilization"], live.Data["heapState"]));
        Assert.Equal("Due", live.Data["phase"]);
        Assert.StartsWith("The process arena is 0.0 % full: 0 of 1048576 bytes", live.Description, StringComparison.Ordinal);
        Assert.EndsWith("The heap budget is 96.0 % full: 100663296 of 104857600 bytes (warns at 75 %, drains at 85 %, restarts at 95 %).", live.Description, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Before_its_least_life_a_used_up_budget_fails_neither_probe_and_says_why()
    {
        ManualRegion region = new();
        HeapBudget heap = new(new() { Budget = 100 << 20 }, noticeAt: 0.75, region, NullLogger.Instance);
        await using ServiceProvider services = Services(heap: heap, restart: o => o.MinLife = TimeSpan.FromMinutes(10));
        services.GetRequiredService<RestartMonitor>();
        heap.Start();
        region.Allocate(96 << 20);

        HealthReport report = await CheckAsync(services);

        Assert.All(report.Entries.Values, entry => Assert.Equal(HealthStatus.Degraded, entry.Status));
        HealthReportEntry live = report.Entries["oneshot_arena_live"];
        Assert.EndsWith("has not lived for MinLife yet.", live.Description, StringComparison.Ordinal);
        Assert.InRange((double)live.Data["heapHeldBackSeconds"], 1, 600);
        Assert.DoesNotContain("heldBackSeconds", live.Data.Keys);
    }

    [Fact]
    public async Task A_spent_budget_is_said_in_the_text()
    {
        ManualClock clock = new();
        ManualRegion region = new();
        HeapBudget heap = new(new() { Budget = 100 << 20 }, noticeAt: 0.75, region, NullLogger.Instance);
        await using ServiceProvider services = Services(heap: heap, time: clock);
        services.GetRequiredService<RestartMonitor>().Start();
        heap.Start();
        region.Allocate(200 << 20);
        region.Collect();
        clock.Advance(TimeSpan.FromSeconds(1));

        HealthReportEntry live = (await CheckAsync(services)).Entries["oneshot_arena_live"];

        Assert.Equal("Spent", live.Data["heapState"]);
        Assert.EndsWith("The heap budget is spent: garbage collection has resumed.", live.Description, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Name_status_and_tags_are_the_callers()
    {
        await using ServiceProvider services = Services(health: checks => checks.AddOneShotArena("requests", HealthStatus.Degraded, ["memory"]));
        Fill(services, 1);

        HealthReport report = await CheckAsync(services);

        Assert.Equal(["requests_live", "requests_ready"], report.Entries.Keys.Order());
        Assert.All(report.Entries.Values, entry => Assert.Equal(HealthStatus.Degraded, entry.Status));
        Assert.Equal(["memory", "ready"], report.Entries["requests_ready"].Tags.Order());
        Assert.Equal(["live", "memory"], report.Entries["requests_live"].Tags.Order());
    }

    [Fact]
    public async Task Without_the_arena_services_the_check_says_what_to_call()
    {
        ServiceCollection collection = new();
        collection.AddLogging().AddHealthChecks().AddOneShotArena();
        await using ServiceProvider services = collection.BuildServiceProvider();

        InvalidOperationException exception = await Assert.ThrowsAsync<InvalidOperationException>(() => CheckAsync(services));

        Assert.Contains("builder.Services.AddOneShotArena()", exception.Message, StringComparison.Ordinal);
    }

    /// <summary>What a check of a process without a heap budget says.</summary>
    internal static HealthStatus StatusOf(RestartMonitor monitor, RestartPhase failsFrom)
    {
        HeapBudget heap = new(new(), noticeAt: 0.75, new RuntimeNoGCRegion(pages: null), NullLogger.Instance);
        RestartHealthCheck check = new(process: null, heap, monitor, failsFrom);
        HealthCheckContext context = new() { Registration = new("any", check, HealthStatus.Unhealthy, tags: null) };
        return check.CheckHealthAsync(context, TestContext.Current.CancellationToken).Result.Status;
    }

    private static ServiceProvider Services(Action<IHealthChecksBuilder>? health = null, Action<AspNetCore.Restart.RestartOptions>? restart = null, HeapBudget? heap = null, TimeProvider? time = null)
    {
        ServiceCollection services = new();
        services.AddSingleton(time ?? TimeProvider.System).AddSingleton(new MemoryLimits([])); // whatever this machine has
        if (heap is not null)
        {
            services.AddSingleton(heap);
        }

        services.AddLogging().AddOneShotArena(options =>
        {
            options.Capacity = Capacity;
            options.Reclamation = ArenaReclamation.Never;
            options.Restart.Jitter = 0;
            options.Restart.MinLife = TimeSpan.Zero;
            restart?.Invoke(options.Restart);
        });
        health ??= static checks => checks.AddOneShotArena();
        health(services.AddHealthChecks());
        return services.BuildServiceProvider();
    }

    private static void Fill(IServiceProvider services, double share) =>
        services.GetRequiredService<ProcessArena>().Allocate((int)(Capacity * share));

    private static Task<HealthReport> CheckAsync(IServiceProvider services) =>
        services.GetRequiredService<HealthCheckService>().CheckHealthAsync(TestContext.Current.CancellationToken);
}
