using System.Globalization;
using System.Text;
using CsCheck;

namespace OneShot.Tests.Buffers;

/// <summary>Whatever <see cref="string.Format(IFormatProvider, string, object?[])"/> makes of a value, a format and an alignment, the arena makes too.</summary>
public class InterpolationModelTests
{
    private const int Texts = 2000;

    private static readonly Gen<int> s_alignment = Gen.Frequency((2, Gen.Const(0)), (3, Gen.Int[-40, 40]), (1, Gen.Int[-3000, 3000]));

    private static readonly Gen<string> s_literal = Gen.OneOf(Gen.String[Gen.Char[' ', '~'], 0, 40], Gen.Const("é € 😀 𝄞"), Gen.String[Gen.Char['\u0080', '\u07ff'], 0, 600]);

    private static readonly Gen<Hole> s_hole = Gen.OneOf<Hole>(
        Holes(Gen.Int, null, "x", "X8", "n0", "d12", "e3", "000,000"),
        Holes(Gen.Long, null, "x", "n", "p1", "#,#"),
        Holes(Gen.Byte, null, "x2", "b"),
        Holes(Gen.Double, null, "f2", "e", "r", "g4", "n3"),
        Holes(Gen.Float, null, "f1", "g"),
        Holes(Gen.Decimal, null, "c", "f0", "#.##"),
        Holes(Gen.Guid, null, "n", "b", "p", "x"),
        Holes(Gen.DateTime, null, "O", "s", "yyyy-MM-dd HH:mm", "R", "dddd, d MMMM"),
        Holes(Gen.DateTimeOffset, null, "O", "u"),
        Holes(Gen.TimeSpan, null, "c", "g", "hh\\:mm"),
        Holes(Gen.Bool, null, "ignored"),
        Holes(Gen.Char[' ', '\u07ff'], (string?)null),
        Holes(Gen.Enum<DayOfWeek>(), null, "d", "x", "g"),
        Holes(Gen.Int.Select(value => (UriComponents)value), null, "f"),
        NullableHoles(Gen.Int, null, "x4"),
        NullableHoles(Gen.Guid, null, "n"),
        Holes(Gen.Int.Select(value => new Version(Math.Abs(value % 100), 1)), (string?)null),
        Holes(Gen.Int.Select(value => (object)value), null, "x"),
        s_literal.Select(text => (Hole)new TextHole(text)));

    private static readonly Gen<(string Literal, Hole Hole, int Alignment)[]> s_text = Gen.Select(s_literal, s_hole, s_alignment).Array[0, 8];

    [Theory]
    [InlineData(ArenaReclamation.Never)]
    [InlineData(ArenaReclamation.PerRequest)]
    public void Interpolation_into_the_arena_is_what_a_string_would_be(ArenaReclamation reclamation)
    {
        // Small blocks, and a cap that is soon reached: texts move between blocks, and on to the GC heap.
        using ProcessArena process = new(new() { Capacity = 64 << 10, BlockSize = 1024, Reclamation = reclamation });
        s_text.Sample(
            text =>
            {
                using Arena arena = process.CreateArena();
                Check(arena, text);
            },
            iter: Texts,
            threads: 1);
    }

    [Fact]
    public void Interpolation_is_what_a_string_would_be_under_the_debug_option()
    {
        using ProcessArena process = new(new() { Capacity = 64 << 20, Debug = true, Reclamation = ArenaReclamation.PerRequest });
        s_text.Sample(
            text =>
            {
                using Arena arena = process.CreateArena();
                Check(arena, text);
                arena.Reset();
            },
            iter: Texts / 10,
            threads: 1);
    }

    private static void Check(Arena arena, (string Literal, Hole Hole, int Alignment)[] text)
    {
        CultureInfo culture = CultureInfo.InvariantCulture;
        var expected = new StringBuilder();
        var utf8 = new ArenaUtf8InterpolatedStringHandler(text.Length, text.Length, arena, culture);
        var utf16 = new ArenaUtf16InterpolatedStringHandler(text.Length, text.Length, arena, culture);
        foreach ((string literal, Hole hole, int alignment) in text)
        {
            string composite = hole.Format is null ? $"{{0,{alignment}}}" : $"{{0,{alignment}:{hole.Format}}}";
            expected.Append(literal).AppendFormat(culture, composite, hole.Boxed);
            utf8.AppendLiteral(literal);
            hole.AppendTo(ref utf8, alignment);
            utf16.AppendLiteral(literal);
            hole.AppendTo(ref utf16, alignment);
        }

        string model = expected.ToString();
        ReadOnlySpan<byte> bytes = arena.Utf8(culture, ref utf8);
        Assert.Equal(model, Encoding.UTF8.GetString(bytes));
        Assert.Equal(model, arena.Utf16(culture, ref utf16));
        Assert.Equal(Encoding.UTF8.GetBytes(model), bytes);
    }

    private static Gen<Hole> Holes<T>(Gen<T> value, params string?[] formats) => Gen.Select(value, Gen.Int[0, formats.Length - 1], (some, index) => (Hole)new Hole<T>(some, formats[index]));

    private static Gen<Hole> NullableHoles<T>(Gen<T> value, params string?[] formats) where T : struct =>
        Gen.Select(value, Gen.Bool, Gen.Int[0, formats.Length - 1], (some, isNull, index) => (Hole)new NullableHole<T>(isNull ? null : some, formats[index]));

    private abstract class Hole(string? format)
    {
        public string? Format { get; } = format;

        public abstract object? Boxed { get; }

        public abstract void AppendTo(ref ArenaUtf8InterpolatedStringHandler text, int alignment);

        public abstract void AppendTo(ref ArenaUtf16InterpolatedStringHandler text, int alignment);

        public override string ToString() => $"{Boxed}:{Format}";
    }

    private sealed class Hole<T>(T value, string? format) : Hole(format)
    {
        public override object? Boxed => value;

        public override void AppendTo(ref ArenaUtf8InterpolatedStringHandler text, int alignment) => text.AppendFormatted(value, alignment, Format);

        public override void AppendTo(ref ArenaUtf16InterpolatedStringHandler text, int alignment) => text.AppendFormatted(value, alignment, Format);
    }

    private sealed class NullableHole<T>(T? value, string? format) : Hole(format) where T : struct
    {
        public override object? Boxed => value;

        public override void AppendTo(ref ArenaUtf8InterpolatedStringHandler text, int alignment) => text.AppendFormatted(value, alignment, Format);

        public override void AppendTo(ref ArenaUtf16InterpolatedStringHandler text, int alignment) => text.AppendFormatted(value, alignment, Format);
    }

    /// <summary>The same text in every form that text comes in.</summary>
    private sealed class TextHole(string value) : Hole(null)
    {
        private readonly int _form = value.Length % 3;

        public override object? Boxed => value;

        public override void AppendTo(ref ArenaUtf8InterpolatedStringHandler text, int alignment)
        {
            switch (_form)
            {
                case 0:
                    text.AppendFormatted(value, alignment);
                    break;
                case 1:
                    text.AppendFormatted(value.AsSpan(), alignment);
                    break;
                default:
                    text.AppendFormatted(Encoding.UTF8.GetBytes(value).AsSpan(), alignment);
                    break;
            }
        }

        public override void AppendTo(ref ArenaUtf16InterpolatedStringHandler text, int alignment)
        {
            switch (_form)
            {
                case 0:
                    text.AppendFormatted(value, alignment);
                    break;
                case 1:
                    text.AppendFormatted(value.AsSpan(), alignment);
                    break;
                default:
                    text.AppendFormatted(Encoding.UTF8.GetBytes(value).AsSpan(), alignment);
                    break;
            }
        }
    }
}
