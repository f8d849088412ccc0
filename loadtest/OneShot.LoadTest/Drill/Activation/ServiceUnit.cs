using System.Globalization;

namespace OneShot.LoadTest.Drill.Activation;

/// <summary>What the drill keeps to of the operator's own unit, <c>deploy/systemd/header-server.service</c>: systemd.service(5).</summary>
/// <param name="RestartDelay"><c>RestartSec</c>.</param>
/// <param name="Watchdog"><c>WatchdogSec</c>.</param>
/// <param name="StopTimeout"><c>TimeoutStopSec</c>.</param>
/// <param name="Environment">Of the process.</param>
internal sealed record ServiceUnit(TimeSpan RestartDelay, TimeSpan Watchdog, TimeSpan StopTimeout, IReadOnlyDictionary<string, string> Environment)
{
    private const string EnvironmentKey = "Environment";

    /// <exception cref="LoadTestException">A line that the drill needs is missing.</exception>
    public static ServiceUnit Parse(string text)
    {
        (string Key, string Value)[] lines =
        [
            .. text.ReplaceLineEndings("\n").Split('\n')
                .Where(static line => line.Contains('=') && line[0] != '#')
                .Select(static line => (line[..line.IndexOf('=')], line[(line.IndexOf('=') + 1)..])),
        ];
        string Value(string key) => lines.LastOrDefault(line => line.Key == key).Value ?? throw new LoadTestException($"The unit has no line '{key}='.");

        return new ServiceUnit(
            Seconds(Value("RestartSec")),
            Seconds(Value("WatchdogSec")),
            Seconds(Value("TimeoutStopSec")),
            lines.Where(line => line.Key == EnvironmentKey).Select(line => line.Value.Split('=', 2)).ToDictionary(pair => pair[0], pair => pair[1]));
    }

    /// <summary>A number of seconds, or of milliseconds: what the unit uses of systemd.time(7).</summary>
    private static TimeSpan Seconds(string text) => text.EndsWith("ms", StringComparison.Ordinal)
        ? TimeSpan.FromMilliseconds(int.Parse(text[..^2], CultureInfo.InvariantCulture))
        : TimeSpan.FromSeconds(int.Parse(text, CultureInfo.InvariantCulture));
}
