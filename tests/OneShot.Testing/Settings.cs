using System.Globalization;

namespace OneShot.Testing;

/// <summary>How long tests run that have a short and a long form. Null is what nobody has set, or what is no number.</summary>
public static class Settings
{
    /// <summary><c>ONESHOT_SOAK_SECONDS</c>: so long instead of the usual.</summary>
    public static int? Seconds => Read("ONESHOT_SOAK_SECONDS");

    /// <summary><c>ONESHOT_DRILL_RESTARTS</c>: so many restarts or successions instead of the usual few.</summary>
    public static int? Restarts => Read("ONESHOT_DRILL_RESTARTS");

    /// <summary><c>ONESHOT_SOAK_SEED</c>: where generated work begins.</summary>
    public static int? Seed => Read("ONESHOT_SOAK_SEED");

    /// <summary><c>ONESHOT_SOAK_SHOWN</c>: how many complaints are shown at most.</summary>
    public static int? Shown => Read("ONESHOT_SOAK_SHOWN");

    private static int? Read(string name) =>
        int.TryParse(Environment.GetEnvironmentVariable(name), NumberStyles.None, CultureInfo.InvariantCulture, out int value) ? value : null;
}
