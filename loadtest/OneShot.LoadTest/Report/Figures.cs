using System.Globalization;

namespace OneShot.LoadTest.Report;

/// <summary>Numbers as people read them; the same in the table and in the report, whatever the locale.</summary>
internal static class Figures
{
    public static string Count(double value) => value.ToString("#,0", CultureInfo.InvariantCulture);

    public static string Ratio(double value) => value.ToString("0.00", CultureInfo.InvariantCulture);

    /// <summary>Microseconds, in milliseconds from one on.</summary>
    public static string Latency(double microseconds) => microseconds < 1_000
        ? string.Create(CultureInfo.InvariantCulture, $"{microseconds:0} µs")
        : string.Create(CultureInfo.InvariantCulture, $"{microseconds / 1_000:0.00} ms");

    public static string Cpu(double microseconds) => string.Create(CultureInfo.InvariantCulture, $"{microseconds:0.0} µs");

    public static string Bytes(double bytes) => bytes < 9.95
        ? string.Create(CultureInfo.InvariantCulture, $"{bytes:0.0} B")
        : string.Create(CultureInfo.InvariantCulture, $"{bytes:#,0} B");

    public static string Duration(TimeSpan time) => time switch
    {
        { TotalSeconds: < 100 } => string.Create(CultureInfo.InvariantCulture, $"{time.TotalSeconds:0.0} s"),
        { TotalMinutes: < 100 } => string.Create(CultureInfo.InvariantCulture, $"{time.TotalMinutes:0.0} min"),
        { TotalHours: < 48 } => string.Create(CultureInfo.InvariantCulture, $"{time.TotalHours:0.0} h"),
        _ => string.Create(CultureInfo.InvariantCulture, $"{time.TotalDays:#,0} d"),
    };
}
