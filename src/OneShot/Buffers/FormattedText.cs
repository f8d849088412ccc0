using System.Buffers;

namespace OneShot.Buffers;

/// <summary>
/// A value that was formatted outside of the arena, without being boxed: one whose code, or whose provider's, runs in the middle of it, and
/// may end the request, and which the framework gives the memory only afterwards. To be disposed of once.
/// </summary>
internal readonly ref struct FormattedText
{
    /// <summary>Holds any number, time and enum but those of very many flags.</summary>
    public const int CharsOnStack = 128;

    private readonly char[]? _rented;

    private FormattedText(ReadOnlySpan<char> chars, char[]? rented)
    {
        Chars = chars;
        _rented = rented;
    }

    public ReadOnlySpan<char> Chars { get; }

    /// <summary>Formats.</summary>
    /// <param name="value">An enum, or <see cref="ISpanFormattable"/>.</param>
    /// <param name="format">How.</param>
    /// <param name="provider">A culture, or another provider.</param>
    /// <param name="chars">What there is to write to at first; what is longer is rented.</param>
    /// <exception cref="FormatException">The value knows no such format, or claims to have written more than it was given room for.</exception>
    /// <exception cref="ArgumentOutOfRangeException">It is longer than an array could be.</exception>
    public static FormattedText Of<T>(T value, string? format, IFormatProvider? provider, Span<char> chars)
    {
        char[]? rented = null;
        try
        {
            int written;
            while (!TryFormat(value, format, provider, chars, out written))
            {
                long doubled = chars.Length * 2L;
                if (doubled > Array.MaxLength)
                {
                    ThrowHelper.BufferTooLong(doubled);
                }

                Return(rented);
                rented = null;
                rented = ArrayPool<char>.Shared.Rent((int)doubled);
                chars = rented;
            }

            if ((uint)written > (uint)chars.Length)
            {
                ThrowHelper.FormattedPastTheEnd(typeof(T));
            }

            return new FormattedText(chars[..written], rented);
        }
        catch
        {
            Return(rented);
            throw;
        }
    }

    public void Dispose() => Return(_rented);

    /// <summary>Enums are <see cref="ISpanFormattable"/> by their base class, which would box; the framework's handler does not.</summary>
    private static bool TryFormat<T>(T value, string? format, IFormatProvider? provider, Span<char> chars, out int written)
    {
        var hole = new MemoryExtensions.TryWriteInterpolatedStringHandler(literalLength: 0, formattedCount: 1, chars, provider, out _);
        written = 0;
        return hole.AppendFormatted(value, format) && chars.TryWrite(provider, ref hole, out written);
    }

    private static void Return(char[]? rented)
    {
        if (rented is not null)
        {
            ArrayPool<char>.Shared.Return(rented);
        }
    }
}
