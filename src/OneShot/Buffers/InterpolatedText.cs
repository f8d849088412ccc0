using System.Buffers;
using System.Globalization;

namespace OneShot.Buffers;

/// <summary>What interpolation into UTF-8 and into UTF-16 have in common.</summary>
internal static class InterpolatedText
{
    // Holds any int, most dates and half a Guid; what is too long grows in place.
    private const int LengthPerHole = 16;

    /// <summary>Holds any number, time and enum but those of very many flags.</summary>
    public const int CharsOnStack = 128;

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

    /// <summary>
    /// Formats a value outside of the arena, without boxing it: for values and providers whose code runs in the middle of it, and
    /// may end the request, and which the framework gives the memory only afterwards.
    /// </summary>
    /// <param name="value">An enum, or <see cref="ISpanFormattable"/>.</param>
    /// <param name="format">How.</param>
    /// <param name="provider">A culture, or another provider.</param>
    /// <param name="chars">What there is to write to at first.</param>
    /// <param name="rented">What was rented instead, and is to be given back.</param>
    /// <returns>The text, in the one or the other.</returns>
    /// <exception cref="FormatException">The value knows no such format, or claims to have written more than it was given room for.</exception>
    /// <exception cref="ArgumentOutOfRangeException">It is longer than an array could be.</exception>
    public static ReadOnlySpan<char> Format<T>(T value, string? format, IFormatProvider? provider, Span<char> chars, ref char[]? rented)
    {
        while (true)
        {
            var hole = new MemoryExtensions.TryWriteInterpolatedStringHandler(literalLength: 0, formattedCount: 1, chars, provider, out _);
            if (hole.AppendFormatted(value, format) && chars.TryWrite(provider, ref hole, out int written))
            {
                if ((uint)written > (uint)chars.Length)
                {
                    ThrowHelper.FormattedPastTheEnd(typeof(T));
                }

                return chars[..written];
            }

            long doubled = chars.Length * 2L;
            if (doubled > Array.MaxLength)
            {
                ThrowHelper.BufferTooLong(doubled);
            }

            char[] larger = ArrayPool<char>.Shared.Rent((int)doubled);
            Return(rented);
            rented = larger;
            chars = larger;
        }
    }

    /// <summary>Gives back what <see cref="Format"/> rented.</summary>
    public static void Return(char[]? rented)
    {
        if (rented is not null)
        {
            ArrayPool<char>.Shared.Return(rented);
        }
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
