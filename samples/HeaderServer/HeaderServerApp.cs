using HeaderServer.Endpoints;
using HeaderServer.Kubernetes;
using HeaderServer.Page;
using HeaderServer.Stats;
using HeaderServer.Systemd;
using Microsoft.AspNetCore.Diagnostics.HealthChecks;

namespace HeaderServer;

/// <summary>The whole sample: services, pipeline, endpoints.</summary>
internal static class HeaderServerApp
{
    public static WebApplication Create(string[] args)
    {
        WebApplicationBuilder builder = WebApplication.CreateBuilder(new WebApplicationOptions
        {
            Args = args,
            // Where appsettings.json is, so that the server starts the same from any directory.
            ContentRootPath = AppContext.BaseDirectory,
        });
        StartupLogFilter startupFilter = StartupLogFilter.AddTo(builder.Logging);

        Front front = FrontSetting.Read(builder.Configuration);
        int garbage = Garbage.Read(builder.Configuration);
        Leak? leak = Leak.Read(builder.Configuration);
        int liveObjects = LiveObjects.Read(builder.Configuration);
        bool gcPauses = GcPauses.Read(builder.Configuration);
        Transport transport = TransportSetting.Read(builder.Configuration);
        builder.Services.AddOneShotArena();
        builder.Services.AddHealthChecks().AddOneShotArena();
        builder.Services.AddSingleton(services => new ServerStats(front, TransportSetting.InUse(transport, services)));
        builder.Services.AddSingleton<LiveReadings>();
        if (gcPauses)
        {
            builder.Services.AddSingleton(new GcPauses());
        }

        bool metrics = MetricsExport.TryAdd(builder);
        if (front == Front.OneShot)
        {
            builder.WebHost.UseOneShotHttp1();
        }

        if (transport == Transport.OneShot)
        {
            builder.WebHost.UseOneShotTransport();
        }

        ConnectionLimit.Apply(builder);
        SocketActivation.TryAdd(builder);
        RestartGate.TryAdd(builder);
        ServiceNotifications.TryAdd(builder.Services);

        WebApplication app = builder.Build();
        startupFilter.EndWhenStarted(app.Lifetime);
        app.Use(app.Services.GetRequiredService<ServerStats>().Count);
        app.UseOneShotArena();
        if (garbage > 0)
        {
            app.Use(next => Garbage.Leave(garbage, next));
        }

        if (leak is not null)
        {
            app.Use(leak.Add);
        }

        if (liveObjects > 0)
        {
            app.Use(LiveObjects.Create(liveObjects).ReplaceOne);
        }

        app.MapGet("/", PageEndpoint.Write);
        app.MapGet("/events", EventsEndpoint.Stream).DisableHttpMetrics(); // hours are no latency
        app.MapGet("/headers", HeadersEndpoint.WriteAll);
        app.MapGet("/headers/{name}", HeaderEndpoint.WriteOne);
        app.MapGet("/plaintext", PlaintextEndpoint.Write);
        app.MapPost("/echo", EchoEndpoint.CopyBack);
        app.MapGet("/stats", StatsEndpoint.Write);
        if (gcPauses)
        {
            app.MapGet(GcPausesEndpoint.Path, GcPausesEndpoint.Write);
        }

        if (metrics)
        {
            app.MapPrometheusScrapingEndpoint(MetricsExport.Path);
        }

        app.MapHealthChecks("/livez", Health("live"));
        app.MapHealthChecks("/readyz", Health("ready"));
        return app;
    }

    private static HealthCheckOptions Health(string tag) => new()
    {
        Predicate = check => check.Tags.Contains(tag),
        ResponseWriter = HealthReportWriter.Write,
    };
}
