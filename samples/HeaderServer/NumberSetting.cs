using System.Globalization;

namespace HeaderServer;

/// <summary>A setting that is a whole number: for trying things out, and 0 unless it is set.</summary>
internal static class NumberSetting
{
    /// <param name="configuration">Has it, or has not.</param>
    /// <param name="key">Its path.</param>
    /// <param name="unit">What is counted, in the plural.</param>
    /// <param name="most">The largest.</param>
    /// <exception cref="InvalidSettingException">It is something else.</exception>
    public static int Read(IConfiguration configuration, string key, string unit, int most) => configuration[key] switch
    {
        null => 0,
        string text when int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out int number) && number <= most => number,
        string text => throw new InvalidSettingException($"{key} is '{text}': write a number of {unit} up to {most}."),
    };
}
