using System.Diagnostics.Metrics;

namespace OneShot.AspNetCore.Telemetry;

/// <summary>The one meter of this library. The factory keeps it, and ends it with the container.</summary>
internal static class OneShotMeter
{
    public const string Name = "OneShot.AspNetCore";

    public static Meter Of(IMeterFactory factory) => factory.Create(Name);
}
