using OneShot.LoadTest.Drill;
using OneShot.LoadTest.Drill.Activation;
using OneShot.LoadTest.Drill.Succession;
using OneShot.Testing;

namespace OneShot.LoadTest.Tests.Drill;

/// <summary>The long form of the drills, by <see cref="Settings.Restarts"/>: a restart takes half a minute at these rates, where it takes long.</summary>
internal static class DrillLength
{
    private static readonly TimeSpan s_perRestart = TimeSpan.FromMinutes(1.5);

    public static DrillOptions Apply(DrillOptions options) =>
        Settings.Restarts is { } restarts ? options with { Restarts = restarts, Limit = restarts * s_perRestart } : options;

    public static ActivationOptions Apply(ActivationOptions options) =>
        Settings.Restarts is { } restarts ? options with { Restarts = restarts, Limit = restarts * s_perRestart } : options;

    public static SuccessionOptions Apply(SuccessionOptions options) =>
        Settings.Restarts is { } restarts ? options with { Successions = restarts, Limit = restarts * s_perRestart } : options;
}
