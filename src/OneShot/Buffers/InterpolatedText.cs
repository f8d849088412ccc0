using System.Globalization;

namespace OneShot.Buffers;

/// <summary>What interpolation into UTF-8 and into UTF-16 have in common.</summary>
internal static class InterpolatedText
{
    // Holds any int, most dates and half a Guid; what is too long grows in place.
    private const int LengthPerHole = 16;

    /// <summary>Elements to begin with; an under-estimate costs a resize, an over-estimate is given back.</summary>
    public static int EstimateLength(int literalLength, int formattedCount) => literalLength + (formattedCount * LengthPerHole);

    /// <summary>A culture is none, and asking one is slow.</summary>
    public static ICustomFormatter? CustomFormatter(IFormatProvider? provider) =>
        provider is null || provider.GetType() == typeof(CultureInfo) ? null : (ICustomFormatter?)provider.GetFormat(typeof(ICustomFormatter));

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
            Span<T> padded = text.Whole.Slice(start, written.Length + padding);
            written.CopyTo(padded[padding..]);
            padded[..padding].Fill(space);
        }

        text.Advance(padding);
    }
}
