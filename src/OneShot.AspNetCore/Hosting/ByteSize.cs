using System.Globalization;

namespace OneShot.AspNetCore.Hosting;

/// <summary>
/// A size as people write it in configuration: bytes (<c>67108864</c>) or a whole number of binary units (<c>64MiB</c>, or <c>64Mi</c> as Kubernetes has it).
/// </summary>
/// <remarks>
/// Decimal units are refused on purpose: <c>64MB</c> means 64,000,000 to half of its readers and 67,108,864 to the others.
/// </remarks>
internal static class ByteSize
{
    private const StringComparison IgnoreCase = StringComparison.OrdinalIgnoreCase;

    private static readonly (string Suffix, int Shift)[] s_units = [("KiB", 10), ("MiB", 20), ("GiB", 30), ("TiB", 40)];

    /// <summary>What to write, for the end of a message about a value that was none.</summary>
    public static string Syntax(long max)
    {
        string limit = max == long.MaxValue ? "" : $" up to {Format(max)}";
        return $"bytes, or a whole number of KiB, MiB or GiB{limit}, such as 64MiB";
    }

    public static bool TryParse(ReadOnlySpan<char> text, out long bytes)
    {
        bytes = 0;
        text = text.Trim();
        int shift = TakeUnit(ref text);

        if (!long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out long count) || count > long.MaxValue >> shift)
        {
            return false;
        }

        bytes = count << shift;
        return true;
    }

    /// <summary>The shortest exact form, so that a message shows a size the way it can be written.</summary>
    public static string Format(long bytes)
    {
        for (int i = s_units.Length - 1; i >= 0; i--)
        {
            (string suffix, int shift) = s_units[i];
            if (bytes > 0 && (bytes & ((1L << shift) - 1)) == 0)
            {
                return string.Create(CultureInfo.InvariantCulture, $"{bytes >> shift}{suffix}");
            }
        }

        return string.Create(CultureInfo.InvariantCulture, $"{bytes} bytes");
    }

    private static int TakeUnit(ref ReadOnlySpan<char> text)
    {
        foreach ((string suffix, int shift) in s_units)
        {
            foreach (string written in (ReadOnlySpan<string>)[suffix, suffix[..^1]])
            {
                if (text.EndsWith(written, IgnoreCase))
                {
                    text = text[..^written.Length].TrimEnd();
                    return shift;
                }
            }
        }

        return 0;
    }
}
