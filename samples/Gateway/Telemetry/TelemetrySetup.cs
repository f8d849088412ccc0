using System.ComponentModel.DataAnnotations;
using Gateway.Management;
using OpenTelemetry.Metrics;
using OpenTelemetry.Resources;
using OpenTelemetry.Trace;

namespace Gateway.Telemetry;

/// <summary>OpenTelemetry: metrics for Prometheus, traces for a collector.</summary>
internal static class TelemetrySetup
{
    private const string RatioKey = "Gateway:Telemetry:SampleRatio";
    private const string CollectorKey = "OTEL_EXPORTER_OTLP_ENDPOINT";

    public static void AddTelemetry(this WebApplicationBuilder builder, ManagementAddress management)
    {
        double ratio = builder.Configuration.GetValue(RatioKey, 0.05);
        if (!new RangeAttribute(0d, 1d).IsValid(ratio))
        {
            throw new InvalidSettingException($"{RatioKey} is {ratio}: write 0 to 1.");
        }

        bool hasCollector = !string.IsNullOrEmpty(builder.Configuration[CollectorKey]);
        builder.Services.AddOpenTelemetry()
            .ConfigureResource(static resource => resource.AddService("gateway"))
            .WithMetrics(static metrics => metrics
                .AddOneShotInstrumentation()
                .AddAspNetCoreInstrumentation()
                .AddMeter("Microsoft.AspNetCore.Authentication", "System.Net.Http", "System.Runtime")
                .AddPrometheusExporter())
            .WithTracing(tracing =>
            {
                tracing
                    .SetSampler(AtTheEdge(ratio))
                    .AddAspNetCoreInstrumentation(options => options.Filter = context => !management.Has(context))
                    .AddSource("Yarp.ReverseProxy", "System.Net.Http");
                if (hasCollector)
                {
                    tracing.AddOtlpExporter();
                }
            });
    }

    /// <summary>What a client says about its own trace decides nothing. What the gateway does for a request goes as the request did.</summary>
    private static ParentBasedSampler AtTheEdge(double ratio)
    {
        ChanceSampler sampler = new(ratio);
        return new ParentBasedSampler(sampler, remoteParentSampled: sampler, remoteParentNotSampled: sampler);
    }
}
