using Microsoft.AspNetCore.Diagnostics.HealthChecks;
using Microsoft.AspNetCore.Http.Features;

namespace Gateway.Management;

/// <summary>The address for probes, metrics and figures. It is told by the port that a request came in by, which no client can write into a header.</summary>
internal sealed class ManagementAddress(int port)
{
    private const string Endpoint = "Management";

    /// <exception cref="InvalidSettingException">There is no such address, or its port does not tell it from the others.</exception>
    public static ManagementAddress Read(IConfiguration configuration)
    {
        IReadOnlyList<ListenAddress> all = ListenAddress.ReadAll(configuration);
        string key = ListenAddress.KeyOf(Endpoint);
        ListenAddress own = all.FirstOrDefault(IsOwn) ?? throw new InvalidSettingException($"{key} is missing: write http://localhost:8081.");
        if (own.Address.Port <= 0)
        {
            throw new InvalidSettingException($"{key} is '{own.Address}': write a port that is known beforehand.");
        }

        return all.FirstOrDefault(other => !IsOwn(other) && other.Address.Port == own.Address.Port) is { } same
            ? throw new InvalidSettingException($"{key} has the port of {ListenAddress.KeyOf(same.Endpoint)}, {own.Address.Port}: write one of its own, on whichever address.")
            : new ManagementAddress(own.Address.Port);
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

    private static bool IsOwn(ListenAddress address) => address.Endpoint.Equals(Endpoint, StringComparison.OrdinalIgnoreCase);

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
