using Gateway.Limits;
using Gateway.Management;
using Gateway.Notices;
using Gateway.Proxy;
using Gateway.Telemetry;
using Gateway.Tokens;
using Microsoft.AspNetCore.Authentication;

namespace Gateway;

/// <summary>The whole gateway: services, pipeline, endpoints.</summary>
internal static class GatewayApp
{
    public static WebApplication Create(string[] args)
    {
        WebApplicationBuilder builder = WebApplication.CreateBuilder(new WebApplicationOptions
        {
            Args = args,
            // Where appsettings.json is, so that it starts the same from any directory.
            ContentRootPath = AppContext.BaseDirectory,
        });
        OneShotLines lines = OneShotLines.Read(builder.Configuration);
        ManagementAddress management = ManagementAddress.Read(builder.Configuration);

        AuthenticationBuilder authentication = builder.AddTokens();
        builder.AddLimits();
        builder.AddTelemetry(management);
        builder.AddProxy();
        builder.Services.AddSignalR(NoticeRules.Apply);
        builder.Services.AddGrpc(NoticeRules.Apply);
        IHealthChecksBuilder health = builder.Services.AddHealthChecks().AddCheck<BackendHealthCheck>("backend", tags: ["ready"]);
        builder.Services.AddSingleton(services => new GatewayStats(lines, TransportInUse.Of(lines, services)));

        if (lines.Arena)
        {
            builder.Services.AddOneShotArena();
            health.AddOneShotArena();
        }

        if (lines.Front)
        {
            builder.WebHost.UseOneShotHttp1();
        }

        if (lines.TokenCache)
        {
            authentication.AddOneShotTokenCache();
        }

        if (lines.Transport)
        {
            builder.WebHost.UseOneShotTransport(options => options.Loops = lines.Loops);
        }

        WebApplication app = builder.Build();
        management.Map(app);
        app.Use(app.Services.GetRequiredService<GatewayStats>().Count);
        app.UseRouting();
        app.UseRateLimiter();
        app.UseAuthentication();
        app.UseAuthorization();
        app.UseRequestTimeouts();

        app.MapTokens();
        app.MapGet("/me", CallerEndpoint.Write);
        app.MapGrpcService<NoticeBoardService>();
        // A connection of hours is neither a slow request nor one of many at a time. It ends when its token does.
        app.MapHub<NoticesHub>("/hubs/notices", static hub => hub.CloseOnAuthenticationExpiration = true).DisableRequestTimeout().DisableRateLimiting();
        app.MapReverseProxy();
        return app;
    }
}
