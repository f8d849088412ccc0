using Microsoft.AspNetCore.Diagnostics.HealthChecks;
using Microsoft.AspNetCore.Http.Features;

namespace Gateway.Management;

/// <summary>The address for probes, metrics and figures. It is told by the port that a request came in by, which no client can write into a header.</summary>
internal sealed class ManagementAddress(int port)
{
    private const string Key = "Kestrel:Endpoints:Management:Url";

    public static ManagementAddress Read(IConfiguration configuration)
    {
        string url = configuration[Key] ?? throw new InvalidSettingException($"{Key} is missing: write http://localhost:8081.");
        try
        {
            return BindingAddress.Parse(url) is { Port: > 0 } address
                ? new ManagementAddress(address.Port)
                : throw new InvalidSettingException($"{Key} is '{url}': write a port that is known beforehand.");
        }
        catch (FormatException exception)
        {
            throw new InvalidSettingException($"{Key} is '{url}': {exception.Message}");
        }
    }

    public bool Has(HttpContext context) => context.Connection.LocalPort == port;

    public void Map(WebApplication app) => app.MapWhen(Has, static branch =>
    {
        branch.Use(WithoutHttpMetrics);
        branch.UseHealthChecks("/livez", Tagged("live"));
        branch.UseHealthChecks("/readyz", Tagged("ready"));
        branch.UseOpenTelemetryPrometheusScrapingEndpoint("/metrics");
        branch.Map("/stats", static stats => stats.Run(StatsEndpoint.Write));
    });

    /// <summary>Probes are no traffic.</summary>
    private static Task WithoutHttpMetrics(HttpContext context, RequestDelegate next)
    {
        if (context.Features.Get<IHttpMetricsTagsFeature>() is { } metrics)
        {
            metrics.MetricsDisabled = true;
        }

        return next(context);
    }

    private static HealthCheckOptions Tagged(string tag) => new() { Predicate = check => check.Tags.Contains(tag) };
}
