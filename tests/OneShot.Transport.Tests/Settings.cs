using System.Globalization;

namespace OneShot.Transport.Tests;

/// <summary>How long tests run that have a short and a long form; the same two variables as everywhere in the repository.</summary>
internal static class Settings
{
    /// <summary><c>ONESHOT_SOAK_SECONDS</c>: so long instead of the usual.</summary>
    public static int? Seconds => Read("ONESHOT_SOAK_SECONDS");

    /// <summary><c>ONESHOT_SOAK_SEED</c>: where generated work begins.</summary>
    public static int Seed => Read("ONESHOT_SOAK_SEED") ?? 1;

    private static int? Read(string name) =>
        int.TryParse(Environment.GetEnvironmentVariable(name), NumberStyles.None, CultureInfo.InvariantCulture, out int value) ? value : null;
}
