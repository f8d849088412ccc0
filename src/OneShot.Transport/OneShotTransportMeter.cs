namespace OneShot.Transport;

/// <summary>The one meter of this library: <c>metrics.AddMeter(OneShotTransportMeter.Name)</c> with OpenTelemetry, or the package <c>OneShot.OpenTelemetry</c>.</summary>
public static class OneShotTransportMeter
{
    /// <summary>Its name: <c>OneShot.Transport</c>.</summary>
    public const string Name = "OneShot.Transport";
}
