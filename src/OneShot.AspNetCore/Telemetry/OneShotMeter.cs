using System.Diagnostics.Metrics;

namespace OneShot.AspNetCore.Telemetry;

/// <summary>The one meter of this library: <c>metrics.AddMeter(OneShotMeter.Name)</c> with OpenTelemetry, or the package <c>OneShot.OpenTelemetry</c>.</summary>
public static class OneShotMeter
{
    /// <summary>Its name: <c>OneShot.AspNetCore</c>.</summary>
    public const string Name = "OneShot.AspNetCore";

    /// <summary>The factory keeps it, and ends it with the container.</summary>
    internal static Meter Of(IMeterFactory factory) => factory.Create(Name);
}
