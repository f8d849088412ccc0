using System.Net;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.TestHost;
using Microsoft.Extensions.Options;
using OneShot.AspNetCore.Hosting;
using OneShot.AspNetCore.Hosting.MemoryLimit;
using OneShot.AspNetCore.Restart;
using OneShot.AspNetCore.Tests.Http1.Transport;
using OneShot.AspNetCore.Tests.Restart;

namespace OneShot.AspNetCore.Tests.Hosting;

[Collection(ProcessExitCode.Name)]
public class AddOneShotRestartTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Without_an_arena_a_container_that_fills_brings_the_process_to_its_restart()
    {
        await using RestartedHost host = await RestartedHost.StartAsync(static services => services.AddOneShotRestart(static o => o.Jitter = 0));
        Assert.Null(host.App.Services.GetService<ProcessArena>());
        Assert.Equal((HttpStatusCode.OK, HttpStatusCode.OK, false), await host.LookAsync());

        host.Fill(0.93);
        Assert.Equal((HttpStatusCode.ServiceUnavailable, HttpStatusCode.OK, true), await host.LookAsync());

        host.Clock.Advance(TimeSpan.FromSeconds(11));
        Assert.Equal((HttpStatusCode.ServiceUnavailable, HttpStatusCode.ServiceUnavailable, true), await host.LookAsync());

        Assert.Contains(host.Log.Entries, static entry => entry.Event.Id == 1307 && entry.Message == "A restart is planned by: container of the test (limit 1000 bytes, 10 % used, drains at 92 %).");
        Assert.DoesNotContain(host.Log.Entries, static entry => entry.Event.Id == 1306);
    }

    [Fact]
    public async Task It_ends_itself_where_the_configuration_says_so()
    {
        IConfiguration configuration = Configuration(("OneShot:Restart:SelfDrain", "true"), ("OneShot:Restart:DrainDelay", "00:00:03"), ("OneShot:Capacity", "nonsense"));
        await using RestartedHost host = await RestartedHost.StartAsync(services => services.AddOneShotRestart(configuration));
        IHostApplicationLifetime lifetime = host.App.Services.GetRequiredService<IHostApplicationLifetime>();

        host.Fill(0.95);
        Assert.Equal((HttpStatusCode.ServiceUnavailable, HttpStatusCode.OK, true), await host.LookAsync());
        Assert.False(lifetime.ApplicationStopping.IsCancellationRequested);

        host.Clock.Advance(TimeSpan.FromSeconds(4));
        Assert.True(lifetime.ApplicationStopping.IsCancellationRequested);
    }

    [Theory]
    [InlineData("restart")]
    [InlineData("restart restart")]
    [InlineData("arena restart")]
    [InlineData("restart arena")]
    [InlineData("restart arena restart arena")]
    [InlineData("arena arena restart restart")]
    public async Task In_any_order_and_more_than_once_there_is_one_of_each(string calls)
    {
        bool hasArena = calls.Contains("arena", StringComparison.Ordinal);
        await using RestartedHost host = await RestartedHost.StartAsync(services =>
        {
            foreach (string call in calls.Split(' '))
            {
                _ = call == "arena" ? services.AddOneShotArena() : services.AddOneShotRestart();
            }
        });

        RestartMonitor monitor = host.App.Services.GetRequiredService<RestartMonitor>();
        Assert.Equal(hasArena ? ["arena", "container"] : ["container"], monitor.ReadSources().Select(source => source.Source));
        Assert.Equal(hasArena, host.App.Services.GetService<ProcessArena>() is not null);
        Assert.Single(host.App.Services.GetServices<IHostedService>(), service => service is RestartService);
        using HttpClient client = host.App.GetTestClient();
        Assert.Equal(hasArena ? "arena" : "none", await client.GetStringAsync(new Uri("/arena", UriKind.Relative), Cancel));

        host.Fill(0.95);

        Assert.Equal((HttpStatusCode.ServiceUnavailable, HttpStatusCode.OK, true), await host.LookAsync());
    }

    [Fact]
    public async Task Options_of_the_arena_that_code_has_set_stay_when_the_ladder_is_added_behind_it()
    {
        IConfiguration configuration = Configuration(("OneShot:Capacity", "8MiB"), ("OneShot:Restart:DrainAt", "0.9"));
        await using RestartedHost host = await RestartedHost.StartAsync(
            services => services.AddOneShotArena(static o => o.Capacity = 4 << 20).AddOneShotRestart(configuration));

        OneShotOptions options = host.App.Services.GetRequiredService<IOptions<OneShotOptions>>().Value;
        Assert.Equal((4L << 20, 0.9), (options.Capacity, options.Restart.DrainAt));
    }

    [Fact]
    public async Task Thresholds_of_a_reloaded_configuration_hold_and_a_bad_one_is_told()
    {
        IConfigurationRoot configuration = Configuration(("OneShot:Restart:Jitter", "0"));
        await using RestartedHost host = await RestartedHost.StartAsync(services => services.AddOneShotRestart(configuration));
        host.Fill(0.5);

        configuration["OneShot:Restart:MemoryLimit:DrainAt"] = "0.4";
        configuration.Reload();
        Assert.Contains(host.Log.Entries, static entry => entry.Event.Name == "ReloadRefused" && entry.Message.Contains("OneShot:Restart:MemoryLimit:DrainAt is 0.4", StringComparison.Ordinal));
        Assert.Equal(RestartPhase.Normal, host.Monitor.Phase);

        configuration["OneShot:Restart:MemoryLimit:WarnAt"] = "0.3";
        configuration.Reload();
        Assert.Equal(RestartPhase.Draining, host.Monitor.Phase);
    }

    [Fact]
    public async Task A_bad_value_stops_the_start_with_its_message()
    {
        OptionsValidationException exception = await Assert.ThrowsAsync<OptionsValidationException>(
            () => RestartedHost.StartAsync(static services => services.AddOneShotRestart(static o => o.MemoryLimit.DrainAt = 2)));

        Assert.StartsWith("OneShot:Restart:MemoryLimit:DrainAt is 2: ", exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Where_nothing_has_a_limit_the_process_is_healthy_and_the_log_says_so()
    {
        await using RestartedHost host = await RestartedHost.StartAsync(static services => services.AddOneShotRestart(), limits: new MemoryLimits([]));

        Assert.Equal((HttpStatusCode.OK, HttpStatusCode.OK, false), await host.LookAsync());
        Assert.Equal(
            "A restart is planned by: nothing, since neither the container nor the heap of the GC has a limit.",
            Assert.Single(host.Log.Entries, static entry => entry.Event.Id == 1307).Message);
    }

    [Fact]
    public async Task A_source_that_is_switched_off_is_not_watched()
    {
        MemoryLimitOptions off = new() { Container = false, GcHeap = false };

        Assert.Empty(MemoryLimits.Find(off).Sources(new FullCollection(TimeProvider.System)));
        await using RestartedHost host = await RestartedHost.StartAsync(
            static services => services.AddOneShotRestart(static o => (o.MemoryLimit.Container, o.MemoryLimit.GcHeap) = (false, false)), limits: MemoryLimits.Find(off));
        Assert.Empty(host.Monitor.ReadSources());
    }

    [Fact]
    public async Task The_health_checks_of_the_arena_ask_for_the_arena()
    {
        await using RestartedHost host = await RestartedHost.StartAsync(static services => services.AddOneShotRestart().AddHealthChecks().AddOneShotArena("wrong"));

        InvalidOperationException exception = await Assert.ThrowsAsync<InvalidOperationException>(
            () => host.App.Services.GetRequiredService<Microsoft.Extensions.Diagnostics.HealthChecks.HealthCheckService>().CheckHealthAsync(Cancel));

        Assert.Contains("builder.Services.AddOneShotArena()", exception.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(HttpProtocols.Http1)]
    [InlineData(HttpProtocols.Http2)]
    public async Task Stock_Kestrel_closes_its_connections_while_the_process_drains(HttpProtocols protocol)
    {
        await using RestartedHost host = await RestartedHost.StartAsync(
            static services => services.AddOneShotRestart(static options => options.DrainDelay = TimeSpan.Zero), protocol: protocol); // everybody's turn at once
        using HttpClient client = new()
        {
            BaseAddress = new Uri(host.App.Urls.Single()),
            DefaultRequestVersion = protocol == HttpProtocols.Http2 ? HttpVersion.Version20 : HttpVersion.Version11,
            DefaultVersionPolicy = HttpVersionPolicy.RequestVersionExact,
        };
        string first = await ConnectionAsync(client);
        Assert.Equal(first, await ConnectionAsync(client));

        host.Fill(0.95);
        Assert.Equal(first, await ConnectionAsync(client)); // its last answer

        // When the client has read the GOAWAY is its own affair.
        using CancellationTokenSource patience = new(Limits.Patience);
        while (await ConnectionAsync(client) == first)
        {
            patience.Token.ThrowIfCancellationRequested();
        }
    }

    private static Task<string> ConnectionAsync(HttpClient client) => client.GetStringAsync(new Uri("/connection", UriKind.Relative), Cancel);

    private static IConfigurationRoot Configuration(params (string Key, string Value)[] values) => new ConfigurationBuilder()
        .AddInMemoryCollection(values.Select(static value => KeyValuePair.Create<string, string?>(value.Key, value.Value))).Build();

    /// <summary>An ordinary application in a container of 1,000 bytes, with the two probes.</summary>
    private sealed class RestartedHost : IAsyncDisposable
    {
        public required WebApplication App { get; init; }

        public required LimitedMemory Container { get; init; }

        public required ManualClock Clock { get; init; }

        public required RecordingLog Log { get; init; }

        public RestartMonitor Monitor => App.Services.GetRequiredService<RestartMonitor>();

        public static async Task<RestartedHost> StartAsync(Action<IServiceCollection> add, MemoryLimits? limits = null, HttpProtocols? protocol = null)
        {
            LimitedMemory container = new("container", used: 100, limit: 1000);
            ManualClock clock = new();
            RecordingLog log = new();
            WebApplicationBuilder builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
            if (protocol is { } protocols)
            {
                builder.WebHost.UseKestrelCore().ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, 0, endpoint => endpoint.Protocols = protocols));
            }
            else
            {
                builder.WebHost.UseTestServer();
            }

            builder.Services.AddRouting();
            builder.Services
                .AddSingleton<TimeProvider>(clock)
                .AddSingleton<ILoggerProvider>(log)
                .AddSingleton(limits ?? new MemoryLimits([container]))
                .AddSingleton(new FullCollection(clock, static () => { }, static () => true));
            builder.Services.AddHealthChecks().AddOneShotRestart();
            add(builder.Services);
            WebApplication app = builder.Build();
            app.MapGet("/arena", static (HttpContext context) => context.Features.Get<AspNetCore.Requests.IRequestArenaFeature>() is null ? "none" : "arena");
            app.MapGet("/connection", static (HttpContext context) => context.Connection.Id);
            app.MapHealthChecks("/readyz", new() { Predicate = static check => check.Tags.Contains("ready") });
            app.MapHealthChecks("/livez", new() { Predicate = static check => check.Tags.Contains("live") });
            try
            {
                await app.StartAsync(Cancel);
                clock.Advance(TimeSpan.Zero);
                return new RestartedHost { App = app, Container = container, Clock = clock, Log = log };
            }
            catch
            {
                await app.DisposeAsync();
                throw;
            }
        }

        public void Fill(double share)
        {
            Container.Used = (long)(share * Container.Limit);
            Clock.Advance(TimeSpan.FromSeconds(1));
        }

        /// <summary>Readiness, liveness, and whether an answer says that it is its connection's last.</summary>
        public async Task<(HttpStatusCode Ready, HttpStatusCode Live, bool Closes)> LookAsync()
        {
            using HttpClient client = App.GetTestClient();
            using HttpResponseMessage ready = await client.GetAsync(new Uri("/readyz", UriKind.Relative), Cancel);
            using HttpResponseMessage live = await client.GetAsync(new Uri("/livez", UriKind.Relative), Cancel);
            Assert.Equal(ready.Headers.ConnectionClose ?? false, live.Headers.ConnectionClose ?? false);
            return (ready.StatusCode, live.StatusCode, live.Headers.ConnectionClose ?? false);
        }

        public ValueTask DisposeAsync() => App.DisposeAsync();
    }
}
