using OneShot.AspNetCore.Telemetry;
using OneShot.Transport;
using OpenTelemetry.Metrics;

namespace OneShot.OpenTelemetry.Tests;

/// <summary>What an exporter is given when a service has said <c>AddOneShotInstrumentation()</c>.</summary>
public class InstrumentationTests
{
    [Fact]
    public async Task An_exporter_gets_what_arena_restart_ladder_and_transport_measure()
    {
        List<(string Meter, string Name)> metrics = await MetricsAfterARequestAsync(static host =>
        {
            host.UseOneShotHttp1();
            host.UseOneShotTransport();
        });

        Assert.Contains((OneShotMeter.Name, "oneshot.arena.limit"), metrics);
        Assert.Contains((OneShotMeter.Name, "oneshot.request.arena.size"), metrics);
        Assert.Contains((OneShotMeter.Name, "oneshot.restart.phase"), metrics);
        Assert.SkipUnless(OperatingSystem.IsLinux(), "The transport serves on Linux only.");
        Assert.Contains((OneShotTransportMeter.Name, "oneshot.transport.received"), metrics);
        Assert.Contains((OneShotTransportMeter.Name, "oneshot.transport.call_out.duration"), metrics);
    }

    [Fact]
    public async Task Without_the_transport_there_are_the_arena_s_alone()
    {
        List<(string Meter, string Name)> metrics = await MetricsAfterARequestAsync(static host => { });

        Assert.Contains((OneShotMeter.Name, "oneshot.request.arena.size"), metrics);
        Assert.All(metrics, static metric => Assert.Equal(OneShotMeter.Name, metric.Meter));
    }

    [Fact]
    public void It_depends_on_none_of_the_libraries_whose_meters_it_names() => Assert.DoesNotContain(
        typeof(OneShotMeterProviderBuilderExtensions).Assembly.GetReferencedAssemblies(),
        static reference => reference.Name!.StartsWith("OneShot", StringComparison.Ordinal));

    [Fact]
    public void No_builder_is_refused() =>
        Assert.Throws<ArgumentNullException>("builder", static () => OneShotMeterProviderBuilderExtensions.AddOneShotInstrumentation(null!));

    private static async Task<List<(string Meter, string Name)>> MetricsAfterARequestAsync(Action<IWebHostBuilder> server)
    {
        List<MetricSnapshot> exported = [];
        WebApplicationBuilder builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        builder.Services.AddOpenTelemetry().WithMetrics(metrics => metrics.AddOneShotInstrumentation().AddInMemoryExporter(exported));
        builder.Services.AddOneShotArena();
        server(builder.WebHost);
        await using WebApplication app = builder.Build();
        app.UseOneShotArena();
        app.MapGet("/", static (HttpContext context) =>
        {
            context.Arena.Allocate<byte>(100);
            return "ok";
        });
        await app.StartAsync();

        using (HttpClient client = new() { BaseAddress = new Uri(app.Urls.Single()) })
        {
            Assert.Equal("ok", await client.GetStringAsync(new Uri("/", UriKind.Relative)));
        }

        // A request's own measurements are recorded when it has ended, which may be after its answer has arrived: the stop waits for it.
        await app.StopAsync();
        Assert.True(app.Services.GetRequiredService<MeterProvider>().ForceFlush());
        return [.. exported.Select(static metric => (metric.MeterName, metric.Name)).Distinct()];
    }
}
