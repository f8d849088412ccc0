using System.Globalization;

namespace OneShot.AspNetCore.Restart;

/// <summary>A time as text in whole seconds: more would claim a precision that no estimate has.</summary>
internal readonly record struct WholeSeconds(TimeSpan Time)
{
    public override string ToString() =>
        TimeSpan.FromSeconds(Math.Round(Time.TotalSeconds)).ToString("c", CultureInfo.InvariantCulture);
}
