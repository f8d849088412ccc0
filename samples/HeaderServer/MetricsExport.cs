using OpenTelemetry.Metrics;

namespace HeaderServer;

/// <summary>
/// The metrics of the arena, of Kestrel, of hosting and of the runtime, in the format of Prometheus. <c>OneShot:Metrics=false</c>
/// leaves them out, for measuring the server alone: recording them is part of what a request costs.
/// </summary>
internal static class MetricsExport
{
    public const string Path = "/metrics";
    private const string Key = "OneShot:Metrics";

    /// <returns>Whether the endpoint is wanted.</returns>
    public static bool TryAdd(WebApplicationBuilder builder)
    {
        if (!IsWanted(builder.Configuration[Key]))
        {
            return false;
        }

        builder.Services.AddOpenTelemetry().WithMetrics(static metrics => metrics
            .AddOneShotInstrumentation()
            .AddMeter("Microsoft.AspNetCore.Hosting", "Microsoft.AspNetCore.Server.Kestrel", "System.Runtime")
            .AddPrometheusExporter());
        return true;
    }

    private static bool IsWanted(string? text) => text switch
    {
        null => true,
        _ when bool.TryParse(text, out bool wanted) => wanted,
        _ => throw new InvalidSettingException($"{Key} is '{text}': write true or false."),
    };
}
