using Microsoft.AspNetCore.TestHost;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Logging.Abstractions;
using OneShot.AspNetCore.Hosting;
using OneShot.AspNetCore.Hosting.MemoryLimit;
using OneShot.AspNetCore.Restart;
using OneShot.AspNetCore.Tests.Restart;

namespace OneShot.AspNetCore.Tests.Hosting;

[Collection(ProcessExitCode.Name)]
public class RestartServiceTests
{
    private const int Capacity = 1 << 20;

    [Fact]
    public async Task The_monitor_runs_from_the_hosts_start_to_its_stop()
    {
        await using RestartHost host = await RestartHost.StartAsync();
        host.Process.Allocate((int)(Capacity * 0.8));
        host.Clock.Advance(TimeSpan.FromSeconds(1));

        Assert.Contains(host.Log.Entries, entry => entry.Event.Name == "RestartWarning");
        await host.App.StopAsync(TestContext.Current.CancellationToken);
        Assert.Equal(0, host.Clock.Timers);
    }

    [Theory]
    [InlineData("Never", "reclamation Never, capacity 1MiB, which last for about 1,143 requests of a browser's head (780 bytes); the process is restarted then.")]
    [InlineData("PerRequest", "reclamation PerRequest, capacity 1MiB.")]
    public async Task One_line_at_the_start_says_what_the_process_runs_on(string reclamation, string end)
    {
        await using RestartHost host = await RestartHost.StartWithAsync(reclamation);

        LogEntry line = Assert.Single(host.Log.Entries, entry => entry.Event.Id == 1306);
        Assert.Equal(LogLevel.Information, line.Level);
        Assert.StartsWith("HTTP/1.1 front on no endpoint; transport ", line.Message, StringComparison.Ordinal);
        Assert.EndsWith(end, line.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_line_names_the_endpoints_of_the_front_with_their_ports()
    {
        RecordingLog log = new();
        WebApplicationBuilder builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore().UseUrls("http://127.0.0.1:0");
        builder.Services.AddSingleton<ILoggerProvider>(log);
        builder.Services.AddOneShotArena();
        builder.WebHost.UseOneShotHttp1();
        await using WebApplication app = builder.Build();
        app.Run(static context => Task.CompletedTask);
        await app.StartAsync(TestContext.Current.CancellationToken);

        Assert.Equal(
            $"HTTP/1.1 front on {app.Urls.Single()}; transport Microsoft.AspNetCore.Server.Kestrel.Transport.Sockets; reclamation PerRequest, capacity 64MiB.",
            Assert.Single(log.Entries, entry => entry.Event.Id == 1306).Message);
    }

    [Fact]
    public async Task Thresholds_of_a_reloaded_configuration_hold_at_once()
    {
        await using RestartHost host = await RestartHost.StartAsync();
        host.Process.Allocate(Capacity / 2);
        Assert.Equal(RestartPhase.Normal, host.Monitor.Phase);

        host.Reload(("WarnAt", "0.3"), ("DrainAt", "0.4"));

        Assert.Equal(RestartPhase.Draining, host.Monitor.Phase);
        Assert.Equal(HealthStatus.Unhealthy, await host.CheckAsync("oneshot_arena_ready"));
        Assert.Equal(0.4, host.Monitor.DrainAt);
    }

    [Theory]
    [InlineData("DrainAt", "0.2", "OneShot:Restart:DrainAt is 0.2: set a share of the capacity, at least WarnAt and at most 1.")]
    [InlineData("DrainAt", "half", "OneShot:Restart:DrainAt is 'half': write a number between 0 and 1, such as 0.85.")]
    public async Task A_bad_reload_is_told_and_changes_nothing(string key, string value, string message)
    {
        await using RestartHost host = await RestartHost.StartAsync();

        host.Reload((key, value));

        Assert.Equal(0.85, host.Monitor.DrainAt);
        Assert.Equal(
            $"The reloaded configuration is not used, what was set before stays: {message}",
            Assert.Single(host.Log.Entries, entry => entry.Event.Name == "ReloadRefused").Message);
        host.Reload((key, "0.9"));
        Assert.Equal(0.9, host.Monitor.DrainAt);
    }

    [Fact]
    public async Task What_is_read_at_the_start_only_is_told_once_when_it_changes()
    {
        await using RestartHost host = await RestartHost.StartAsync();

        host.ReloadSection(("Capacity", "128MiB"));
        host.ReloadSection(("Heap:Budget", "1GiB"));
        host.ReloadSection(("Restart:Succeed", "true"));

        Assert.Equal(
            ["Capacity in the reloaded configuration is 128MiB", "Heap:Budget in the reloaded configuration is 1GiB", "Restart:Succeed in the reloaded configuration is true"],
            host.Log.Entries.Where(entry => entry.Event.Name == "OptionNeedsRestart").Select(entry => entry.Message.Split(',')[0]));
    }

    // Two sections may have one path: of two configurations.
    [Fact]
    public async Task Every_configuration_that_is_read_is_followed()
    {
        IConfigurationRoot second = new ConfigurationBuilder().AddInMemoryCollection([KeyValuePair.Create<string, string?>("OneShot:Restart:DrainAt", "0.8")]).Build();
        await using RestartHost host = await RestartHost.StartAsync(second);
        Assert.Equal(0.8, host.Monitor.DrainAt);

        second["OneShot:Restart:DrainAt"] = "0.9";
        second.Reload();

        Assert.Equal(0.9, host.Monitor.DrainAt);
    }

    [Fact]
    public async Task A_misspelt_key_is_told_at_the_start()
    {
        await using RestartHost host = await RestartHost.StartAsync(("DrainsAt", "0.5"));

        Assert.Equal(
            "OneShot:Restart:DrainsAt is no option, and nothing reads it: did you mean Restart:DrainAt.",
            Assert.Single(host.Log.Entries, entry => entry.Event.Name == "UnknownOption").Message);
    }

    [Fact]
    public async Task In_a_self_drain_readiness_goes_and_liveness_stays_until_the_host_stops()
    {
        await using RestartHost host = await RestartHost.StartAsync(("SelfDrain", "true"), ("DrainDelay", "00:00:05"));
        IHostApplicationLifetime lifetime = host.App.Services.GetRequiredService<IHostApplicationLifetime>();

        host.Process.Allocate(Capacity);
        host.Clock.Advance(TimeSpan.FromSeconds(1));

        Assert.Equal(HealthStatus.Unhealthy, await host.CheckAsync("oneshot_arena_ready"));
        Assert.Equal(HealthStatus.Healthy, await host.CheckAsync("oneshot_arena_live"));
        Assert.False(lifetime.ApplicationStopping.IsCancellationRequested);

        host.Clock.Advance(TimeSpan.FromSeconds(5));
        Assert.True(lifetime.ApplicationStopping.IsCancellationRequested);
    }

    [Fact]
    public async Task Without_a_self_drain_liveness_goes_after_the_drain_delay()
    {
        await using RestartHost host = await RestartHost.StartAsync(("DrainDelay", "00:00:05"));
        host.Process.Allocate((int)(Capacity * 0.9));
        host.Clock.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal(HealthStatus.Degraded, await host.CheckAsync("oneshot_arena_live"));

        host.Clock.Advance(TimeSpan.FromSeconds(5));

        Assert.Equal(HealthStatus.Unhealthy, await host.CheckAsync("oneshot_arena_live"));
    }

    // 36 GiB with the large objects, at up to 2 s each.
    [Theory]
    [InlineData("00:01:00", "true", "true", true)]
    [InlineData("00:01:13", "true", "true", false)]
    [InlineData("00:01:00", "false", "true", false)]
    [InlineData("00:01:00", "true", "false", false)]
    public async Task A_successor_that_may_be_killed_before_its_budget_is_faulted_in_is_told_of(string timeout, string succeeds, string populates, bool isTold)
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "Only Linux hands sockets over.");
        IConfigurationRoot configuration = new ConfigurationBuilder().AddInMemoryCollection(
            [
                KeyValuePair.Create<string, string?>("OneShot:Heap:Budget", "32GiB"), KeyValuePair.Create<string, string?>("OneShot:Heap:PopulateAtStart", populates),
                KeyValuePair.Create<string, string?>("OneShot:Restart:Succeed", succeeds), KeyValuePair.Create<string, string?>("OneShot:Restart:SuccessorTimeout", timeout),
                KeyValuePair.Create<string, string?>("OneShot:MemoryCheck", "Off"),
            ]).Build();
        RecordingLog log = new();
        WebApplicationBuilder builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseTestServer();
        builder.Services.AddSingleton(new MemoryLimits([])).AddSingleton<ILoggerProvider>(log).AddSingleton(Budget(new ManualRegion()));
        builder.Services.AddOneShotRestart(configuration);
        await using WebApplication app = builder.Build();

        await app.StartAsync(TestContext.Current.CancellationToken);

        Assert.Equal(
            isTold ? ["A successor faults in 38654705664 bytes of its heap budget before it is ready, which may take 00:01:12; it is killed after 00:01:00 (OneShot:Restart:SuccessorTimeout). Set that to 00:01:12 and what else the start takes, a smaller OneShot:Heap:Budget, or OneShot:Heap:PopulateAtStart=false."] : [],
            log.Entries.Where(static entry => entry.Event.Name == "HeapBudgetStartLong").Select(static entry => entry.Message));
    }

    // Else a process with a budget would never be ready there.
    [Fact]
    public async Task A_host_without_a_lifecycle_begins_the_budget_when_it_says_that_it_has_started()
    {
        using CancellationTokenSource started = new();
        HeapBudget heap = Budget(new ManualRegion());
        await using ServiceProvider services = new ServiceCollection().AddLogging().AddSingleton(new MemoryLimits([])).AddSingleton(heap)
            .AddSingleton<IHostApplicationLifetime>(new StartedHost(started.Token)).AddOneShotRestart(static restart => restart.MinLife = TimeSpan.Zero).BuildServiceProvider();
        IHostedService service = services.GetServices<IHostedService>().Single(static service => service is RestartService);
        await service.StartAsync(TestContext.Current.CancellationToken);
        Assert.Equal(HeapBudgetState.Pending, heap.State);

        await started.CancelAsync();

        Assert.Equal(HeapBudgetState.Active, heap.State);
        await service.StopAsync(TestContext.Current.CancellationToken);
        Assert.Equal(HeapBudgetState.Ended, heap.State);
    }

    private static HeapBudget Budget(ManualRegion region) => new(new() { Budget = 1 << 30 }, noticeAt: 0.75, region, NullLogger.Instance);

    private sealed class StartedHost(CancellationToken started) : IHostApplicationLifetime
    {
        public CancellationToken ApplicationStarted => started;

        public CancellationToken ApplicationStopping => CancellationToken.None;

        public CancellationToken ApplicationStopped => CancellationToken.None;

        public void StopApplication()
        {
        }
    }

    /// <summary>An application with the arena and its health checks, on a time and a configuration of the test's own.</summary>
    private sealed class RestartHost : IAsyncDisposable
    {
        private readonly IConfigurationRoot _configuration;

        private RestartHost(WebApplication app, IConfigurationRoot configuration) => (App, _configuration) = (app, configuration);

        public required ManualClock Clock { get; init; }

        public required RecordingLog Log { get; init; }

        public WebApplication App { get; }

        public ProcessArena Process => App.Services.GetRequiredService<ProcessArena>();

        public RestartMonitor Monitor => App.Services.GetRequiredService<RestartMonitor>();

        public static Task<RestartHost> StartAsync(params (string Key, string Value)[] restart) => StartWithAsync("Never", restart);

        public static Task<RestartHost> StartAsync(IConfiguration second) => StartWithAsync("Never", [], second);

        public static Task<RestartHost> StartWithAsync(string reclamation, params (string Key, string Value)[] restart) => StartWithAsync(reclamation, restart, second: null);

        private static async Task<RestartHost> StartWithAsync(string reclamation, (string Key, string Value)[] restart, IConfiguration? second)
        {
            IConfigurationRoot configuration = new ConfigurationBuilder().AddInMemoryCollection(
                [
                    KeyValuePair.Create<string, string?>("OneShot:Capacity", "1MiB"), KeyValuePair.Create<string, string?>("OneShot:Reclamation", reclamation),
                    KeyValuePair.Create<string, string?>("OneShot:Restart:Jitter", "0"), KeyValuePair.Create<string, string?>("OneShot:Restart:MinLife", "00:00:00"),
                ]).Build();
            Set(configuration, restart);
            ManualClock clock = new();
            RecordingLog log = new();
            WebApplicationBuilder builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
            builder.WebHost.UseTestServer();
            builder.Services.AddRouting();
            builder.Services.AddSingleton<TimeProvider>(clock).AddSingleton(new MemoryLimits([]));
            builder.Services.AddSingleton<ILoggerProvider>(log);
            builder.Services.AddOneShotArena(configuration);
            if (second is not null)
            {
                builder.Services.AddOneShotArena(second);
            }

            builder.Services.AddHealthChecks().AddOneShotArena();
            WebApplication app = builder.Build();
            await app.StartAsync(TestContext.Current.CancellationToken);
            return new RestartHost(app, configuration) { Clock = clock, Log = log };
        }

        public void Reload(params (string Key, string Value)[] restart)
        {
            Set(_configuration, restart);
            _configuration.Reload();
        }

        public void ReloadSection(params (string Key, string Value)[] settings)
        {
            foreach ((string key, string value) in settings)
            {
                _configuration[$"OneShot:{key}"] = value;
            }

            _configuration.Reload();
        }

        public async Task<HealthStatus> CheckAsync(string name)
        {
            HealthReport report = await App.Services.GetRequiredService<HealthCheckService>().CheckHealthAsync(TestContext.Current.CancellationToken);
            return report.Entries[name].Status;
        }

        public ValueTask DisposeAsync() => App.DisposeAsync();

        private static void Set(IConfigurationRoot configuration, (string Key, string Value)[] restart)
        {
            foreach ((string key, string value) in restart)
            {
                configuration[$"OneShot:Restart:{key}"] = value;
            }
        }
    }
}
