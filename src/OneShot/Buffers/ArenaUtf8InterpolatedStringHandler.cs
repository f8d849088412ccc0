using System.Buffers;
using System.Runtime.CompilerServices;
using System.Text;
using System.Text.Unicode;
using OneShot.Buffers;

namespace OneShot;

#pragma warning disable RS0026 // Which overloads there are, and what is optional, is the compiler's pattern for such handlers.

/// <summary>What the compiler makes of <c>arena.Utf8($"...")</c>: see <see cref="Arena.Utf8(ref ArenaUtf8InterpolatedStringHandler)"/>.</summary>
[InterpolatedStringHandler]
public ref struct ArenaUtf8InterpolatedStringHandler
{
    private const int LongestScalar = 4;

    private readonly IFormatProvider? _provider;
    private readonly ICustomFormatter? _formatter;
    private ArenaBuffer<byte> _text;

    /// <summary>Begins a text in the current culture.</summary>
    /// <param name="literalLength">UTF-16 code units outside of holes.</param>
    /// <param name="formattedCount">Holes.</param>
    /// <param name="arena">Where the text is written.</param>
    public ArenaUtf8InterpolatedStringHandler(int literalLength, int formattedCount, Arena arena) : this(literalLength, formattedCount, arena, provider: null)
    {
    }

    /// <summary>Begins a text.</summary>
    /// <param name="literalLength">UTF-16 code units outside of holes.</param>
    /// <param name="formattedCount">Holes.</param>
    /// <param name="arena">Where the text is written.</param>
    /// <param name="provider">A culture, or a custom formatter; null for the current culture.</param>
    public ArenaUtf8InterpolatedStringHandler(int literalLength, int formattedCount, Arena arena, IFormatProvider? provider)
    {
        ArgumentNullException.ThrowIfNull(arena);
        _text = new ArenaBuffer<byte>(arena); // before the provider is asked, which may end the request
        _provider = provider;
        _formatter = InterpolatedText.CustomFormatter(provider);
        _text.Grow(InterpolatedText.EstimateLength(literalLength, formattedCount));
    }

    /// <summary>Begins a text in the current culture.</summary>
    /// <param name="literalLength">UTF-16 code units outside of holes.</param>
    /// <param name="formattedCount">Holes.</param>
    /// <param name="arena">Where the text is written.</param>
    public ArenaUtf8InterpolatedStringHandler(int literalLength, int formattedCount, RequestArena arena) : this(literalLength, formattedCount, arena.Live, provider: null)
    {
    }

    /// <summary>Begins a text.</summary>
    /// <param name="literalLength">UTF-16 code units outside of holes.</param>
    /// <param name="formattedCount">Holes.</param>
    /// <param name="arena">Where the text is written.</param>
    /// <param name="provider">A culture, or a custom formatter; null for the current culture.</param>
    public ArenaUtf8InterpolatedStringHandler(int literalLength, int formattedCount, RequestArena arena, IFormatProvider? provider)
        : this(literalLength, formattedCount, arena.Live, provider)
    {
    }

    /// <summary>Writes text between holes.</summary>
    public void AppendLiteral(string value) => Append(value);

    /// <summary>Writes UTF-8 as it is.</summary>
    public void AppendFormatted(scoped ReadOnlySpan<byte> value, int alignment = 0, string? format = null)
    {
        int start = _text.Count;
        if (value.Length > _text.FreeCapacity)
        {
            _text.Grow(value.Length);
        }

        value.CopyTo(_text.Free);
        _text.Advance(value.Length);
        Align(start, alignment);
    }

    /// <summary>Writes UTF-16 as UTF-8; half a surrogate pair becomes U+FFFD.</summary>
    public void AppendFormatted(scoped ReadOnlySpan<char> value, int alignment = 0, string? format = null)
    {
        int start = _text.Count;
        Append(value);
        Align(start, alignment);
    }

    /// <summary>Writes a string, or nothing for null.</summary>
    public void AppendFormatted(string? value, int alignment = 0, string? format = null)
    {
        int start = _text.Count;
        Append(_formatter is null ? value : _formatter.Format(format, value, _provider));
        Align(start, alignment);
    }

    /// <summary>Writes a value that is typed as an object.</summary>
    public void AppendFormatted(object? value, int alignment = 0, string? format = null) => AppendFormatted<object?>(value, alignment, format);

    /// <summary>Writes a value, or nothing for null.</summary>
    public void AppendFormatted<T>(T? value, int alignment = 0, string? format = null) where T : struct
    {
        if (value.HasValue)
        {
            AppendFormatted(value.GetValueOrDefault(), alignment, format);
        }
        else
        {
            AppendFormatted<object?>(null, alignment, format);
        }
    }

    /// <summary>
    /// Writes a value: straight into the arena if it is <see cref="IUtf8SpanFormattable"/>, over the stack if it is <see cref="ISpanFormattable"/> only, or the
    /// application's own provider, culture or calendar says how it looks, else by its string.
    /// </summary>
    /// <exception cref="FormatException">The value knows no such format, or claims to have written more than it was given room for.</exception>
    public void AppendFormatted<T>(T value, int alignment = 0, string? format = null)
    {
        int start = _text.Count;
        if (_formatter is not null)
        {
            Append(_formatter.Format(format, value, _provider));
        }
        else if (typeof(T) == typeof(char))
        {
            // Its own UTF-8 formatting throws for half a surrogate pair.
            Append([(char)(object)value!]);
        }
        else if (value is IUtf8SpanFormattable && !(value is ISpanFormattable && InterpolatedText.AsksTheApplication(value, _provider)))
        {
            int written;
            while (!((IUtf8SpanFormattable)value).TryFormat(_text.Free, out written, format, _provider))
            {
                _text.Grow(_text.FreeCapacity + 1);
            }

            Advance<T>(written);
        }
        else if (value is ISpanFormattable)
        {
            AppendTranscoded(value, format);
        }
        else
        {
            Append(value is IFormattable ? ((IFormattable)value).ToString(format, _provider) : value?.ToString());
        }

        Align(start, alignment);
    }

    internal ReadOnlySpan<byte> Complete(Arena arena)
    {
        if (!ReferenceEquals(arena, _text.Arena))
        {
            ThrowHelper.TextOfAnotherArena();
        }

        _text.ThrowIfOver();
        _text.Trim();
        return _text.Written;
    }

    /// <summary>An enum, a type that knows UTF-16 only, or one whose look the application is asked for.</summary>
    [SkipLocalsInit]
    private void AppendTranscoded<T>(T value, string? format)
    {
        using FormattedText text = FormattedText.Of(value, format, _provider, stackalloc char[FormattedText.CharsOnStack]);
        Append(text.Chars);
    }

    private void Append(scoped ReadOnlySpan<char> value)
    {
        OperationStatus status = Ascii.FromUtf16(value, _text.Free, out int ascii);
        _text.Advance(ascii);
        if (status != OperationStatus.Done)
        {
            AppendSlow(value[ascii..]);
        }
    }

    private void AppendSlow(scoped ReadOnlySpan<char> value)
    {
        while (true)
        {
            // Unlike an Encoding's, its replacement of half surrogate pairs allocates nothing.
            OperationStatus status = Utf8.FromUtf16(value, _text.Free, out int read, out int written);
            _text.Advance(written);
            if (status == OperationStatus.Done)
            {
                return;
            }

            value = value[read..];
            _text.Grow(value.Length + LongestScalar);
        }
    }

    private void Advance<T>(int written)
    {
        if ((uint)written > (uint)_text.FreeCapacity)
        {
            ThrowHelper.FormattedPastTheEnd(typeof(T));
        }

        _text.Advance(written);
    }

    private void Align(int start, int alignment)
    {
        if (alignment != 0)
        {
            InterpolatedText.Align(ref _text, start, alignment, Encoding.UTF8.GetCharCount(_text.Written[start..]), (byte)' ');
        }
    }
}
