using OneShot.AspNetCore.Telemetry;
using OneShot.Transport;

namespace OpenTelemetry.Metrics;

/// <summary>Adds the metrics of OneShot to OpenTelemetry.</summary>
public static class OneShotMeterProviderBuilderExtensions
{
    /// <summary>
    /// Collects what the arena, the restart ladder, the front (meter <c>OneShot.AspNetCore</c>) and the transport (meter
    /// <c>OneShot.Transport</c>) measure. The order of this line and of theirs does not matter, and neither has to be there.
    /// </summary>
    /// <param name="builder">The builder of the provider.</param>
    /// <returns>The same builder, for the next call.</returns>
    /// <exception cref="ArgumentNullException"><paramref name="builder"/> is null.</exception>
    public static MeterProviderBuilder AddOneShotInstrumentation(this MeterProviderBuilder builder)
    {
        ArgumentNullException.ThrowIfNull(builder);
        return builder.AddMeter(OneShotMeter.Name, OneShotTransportMeter.Name);
    }
}
