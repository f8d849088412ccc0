using System.Globalization;
using Microsoft.Extensions.Configuration;

namespace OneShot.AspNetCore.Hosting;

/// <summary>
/// The values of one configuration section, each by its kind. A key that is not there keeps its current value; so does one that
/// cannot be read, and is noted among the failures with what to write instead.
/// </summary>
internal sealed class SectionReader(IConfiguration section)
{
    private readonly List<string> _failures = [];
    private readonly List<string> _keys = [];

    public IReadOnlyList<string> Failures => _failures;

    /// <summary>Every key that was asked for, below the section.</summary>
    public IReadOnlyList<string> Keys => _keys;

    public long Size(string key, long current, long max)
    {
        if (TextOf(key) is not { } text)
        {
            return current;
        }

        if (ByteSize.TryParse(text, out long bytes) && bytes <= max)
        {
            return bytes;
        }

        return Fail(key, text, $"write {ByteSize.Syntax(max)}", current);
    }

    /// <summary>A size, or a share of what <paramref name="whole"/> says, in whole percent and rounded down to MiB.</summary>
    /// <param name="key">Below the section.</param>
    /// <param name="current">What holds without the key.</param>
    /// <param name="whole">The container's memory limit in bytes, or null where there is none.</param>
    public long SizeOrShare(string key, long current, Func<long?> whole)
    {
        if (TextOf(key) is not { } text)
        {
            return current;
        }

        if (ByteSize.TryParse(text, out long bytes))
        {
            return bytes;
        }

        if (!text.Trim().EndsWith('%') || !int.TryParse(text.Trim()[..^1], NumberStyles.None, CultureInfo.InvariantCulture, out int percent) || percent is < 1 or > 90)
        {
            return Fail(key, text, $"write {ByteSize.Syntax(long.MaxValue)}, or 1% to 90% of the container's memory limit", current);
        }

        return whole() is { } limit
            ? (long)((Int128)limit * percent / 100) >> 20 << 20
            : Fail(key, text, "this process has no container with a memory limit, so write bytes, such as 64MiB", current);
    }

    public T Choice<T>(string key, T current) where T : struct, Enum
    {
        if (TextOf(key) is not { } text)
        {
            return current;
        }

        // By name: Enum.TryParse would take "7" for a value that does not exist, and "0" for one nobody can read.
        foreach (string name in Enum.GetNames<T>())
        {
            if (name.Equals(text.Trim(), StringComparison.OrdinalIgnoreCase))
            {
                return Enum.Parse<T>(name);
            }
        }

        return Fail(key, text, $"write {EnumNames.Of<T>()}", current);
    }

    public bool Switch(string key, bool current)
    {
        if (TextOf(key) is not { } text)
        {
            return current;
        }

        return bool.TryParse(text, out bool on) ? on : Fail(key, text, "write true or false", current);
    }

    public double Share(string key, double current)
    {
        if (TextOf(key) is not { } text)
        {
            return current;
        }

        return double.TryParse(text, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out double share) && double.IsFinite(share)
            ? share
            : Fail(key, text, "write a number between 0 and 1, such as 0.85", current);
    }

    /// <summary>With a colon: <c>10</c> alone would be taken for ten days.</summary>
    public TimeSpan Duration(string key, TimeSpan current)
    {
        if (TextOf(key) is not { } text)
        {
            return current;
        }

        return text.Contains(':') && TimeSpan.TryParse(text, CultureInfo.InvariantCulture, out TimeSpan duration)
            ? duration
            : Fail(key, text, "write hours:minutes:seconds, such as 00:00:10", current);
    }

    public int Number(string key, int current)
    {
        if (TextOf(key) is not { } text)
        {
            return current;
        }

        return int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out int number) ? number : Fail(key, text, "write a whole number", current);
    }

    private string? TextOf(string key)
    {
        _keys.Add(key);
        return section[key];
    }

    private T Fail<T>(string key, string text, string remedy, T current)
    {
        string path = section is IConfigurationSection { Path: { Length: > 0 } prefix } ? $"{prefix}:{key}" : key;
        _failures.Add($"{path} is '{text}': {remedy}.");
        return current;
    }
}
