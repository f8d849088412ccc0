using System.Globalization;

namespace OneShot.Buffers;

/// <summary>What interpolation into UTF-8 and into UTF-16 have in common.</summary>
internal static class InterpolatedText
{
    // Holds any int, most dates and half a Guid; what is too long grows in place.
    private const int LengthPerHole = 16;

    /// <summary>Elements to begin with; an under-estimate costs a resize, an over-estimate is given back.</summary>
    public static int EstimateLength(int literalLength, int formattedCount) => literalLength + (formattedCount * LengthPerHole);

    /// <summary>The provider's own formatter, if it has one. A culture has none, and asking one is slow.</summary>
    public static ICustomFormatter? CustomFormatter(IFormatProvider? provider) =>
        provider is null || provider.GetType() == typeof(CultureInfo) ? null : (ICustomFormatter?)provider.GetFormat(typeof(ICustomFormatter));

    /// <summary>
    /// Whether the framework may ask code of the application's how a number or a time looks, while it has the memory to write it to: a provider, a culture derived
    /// from <see cref="CultureInfo"/>, a calendar of its own.
    /// </summary>
    public static bool AsksTheApplication<T>(T value, IFormatProvider? provider)
    {
        if (provider is null or NumberFormatInfo or DateTimeFormatInfo)
        {
            provider ??= CultureInfo.CurrentCulture;
            if (CultureInfo.CurrentCulture.GetType() != typeof(CultureInfo)) // it says what the others do not
            {
                return true;
            }
        }
        else if (provider.GetType() != typeof(CultureInfo))
        {
            return true;
        }

        return value is DateTime or DateTimeOffset or DateOnly or TimeOnly && IsForeign(DateTimeFormatInfo.GetInstance(provider).Calendar);
    }

    /// <summary>Pads what was written from <paramref name="start"/> to the width that <paramref name="alignment"/> says.</summary>
    /// <param name="text">The text; what was written last is to be padded.</param>
    /// <param name="start">Where it begins.</param>
    /// <param name="alignment">The least width in UTF-16 code units: positive to pad on the left, negative on the right.</param>
    /// <param name="width">Its width.</param>
    /// <param name="space">What to pad with.</param>
    public static void Align<T>(ref ArenaBuffer<T> text, int start, int alignment, int width, T space) where T : unmanaged
    {
        long missing = Math.Abs((long)alignment) - width;
        if (missing <= 0)
        {
            return;
        }

        // A negative alignment's absolute value is one more than fits an int; the buffer refuses that as too long anyway.
        int padding = (int)Math.Min(missing, int.MaxValue);
        if (padding > text.FreeCapacity)
        {
            text.Grow(padding);
        }

        if (alignment < 0)
        {
            text.Free[..padding].Fill(space);
        }
        else
        {
            Span<T> written = text.Written[start..];
            Span<T> padded = text.Live.Slice(start, written.Length + padding);
            written.CopyTo(padded[padding..]);
            padded[..padding].Fill(space);
        }

        text.Advance(padding);
    }

    private static bool IsForeign(Calendar calendar) => calendar.GetType() != typeof(GregorianCalendar) && calendar.GetType().Assembly != typeof(object).Assembly;
}
