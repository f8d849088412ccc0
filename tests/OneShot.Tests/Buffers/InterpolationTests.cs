using System.Diagnostics;
using System.Globalization;
using System.Text;

namespace OneShot.Tests.Buffers;

#pragma warning disable CA1305 // The culture is named where a hole depends on it.

public class InterpolationTests
{
    private static readonly CultureInfo s_invariant = CultureInfo.InvariantCulture;

    [Fact]
    public void Text_and_holes_become_UTF8_and_UTF16()
    {
        using ProcessArena process = new();
        using Arena arena = process.CreateArena();
        int id = 0x2a;
        string name = "é😀";
        Assert.Equal("id=2a, é😀\n"u8, arena.Utf8($"id={id:x}, {name}\n"));
        Assert.Equal("id=2a, é😀\n", arena.Utf16($"id={id:x}, {name}\n"));
        Assert.Equal(""u8, arena.Utf8($""));
        Assert.Equal("literal"u8, arena.Utf8($"literal"));
        Assert.Equal("{}"u8, arena.Utf8($"{{}}"));
    }

    [Fact]
    public void UTF8_is_a_hole_in_either_and_spans_of_characters_too()
    {
        using ProcessArena process = new();
        using Arena arena = process.CreateArena();
        ReadOnlySpan<byte> utf8 = "é😀"u8;
        Span<byte> writable = arena.Copy(utf8);
        ReadOnlySpan<char> utf16 = "é😀";
        Assert.Equal("<é😀|é😀 |  é😀|é😀>"u8, arena.Utf8($"<{utf8}|{utf16,-4}|{utf8,5}|{writable}>"));
        Assert.Equal("<é😀|é😀 |  é😀|é😀>", arena.Utf16($"<{utf8}|{utf16,-4}|{utf8,5}|{writable}>"));
        ReadOnlySpan<byte> wrong = [(byte)'a', 0xFF];
        Assert.Equal(wrong, arena.Utf8($"{wrong}"));
        Assert.Equal("a�", arena.Utf16($"{wrong}"));
        Assert.Equal("�"u8, arena.Utf8($"{'\uD800'}"));
    }

    [Fact]
    public void Every_kind_of_value_is_written_as_a_string_would()
    {
        using ProcessArena process = new();
        using Arena arena = process.CreateArena();
        int? some = 7;
        int? none = null;
        string? nothing = null;
        object boxed = 1.5;
        DayOfWeek day = DayOfWeek.Friday;
        var version = new Version(1, 2);
        var uri = new Uri("http://a/");
        var plain = new Plain();
        var formattable = new Formattable();
        var date = new DateTime(2026, 11, 24, 1, 2, 3, DateTimeKind.Utc);
        Assert.Equal(
            string.Create(s_invariant, $"{some}{some,3:x}{none}{none,2}{nothing,1}{boxed,5:f2}{day}{day,8:d}{true,6}{'c'}{version,-5}{uri}{plain}{formattable:q}{date:O}{(object?)null,2}|"),
            arena.Utf16(s_invariant, $"{some}{some,3:x}{none}{none,2}{nothing,1}{boxed,5:f2}{day}{day,8:d}{true,6}{'c'}{version,-5}{uri}{plain}{formattable:q}{date:O}{(object?)null,2}|"));
        Assert.Equal(
            string.Create(s_invariant, $"{some}{some,3:x}{none}{none,2}{nothing,1}{boxed,5:f2}{day}{day,8:d}{true,6}{'c'}{version,-5}{uri}{plain}{formattable:q}{date:O}{(object?)null,2}|"),
            Encoding.UTF8.GetString(arena.Utf8(s_invariant, $"{some}{some,3:x}{none}{none,2}{nothing,1}{boxed,5:f2}{day}{day,8:d}{true,6}{'c'}{version,-5}{uri}{plain}{formattable:q}{date:O}{(object?)null,2}|")));
    }

    [Fact]
    public void A_culture_is_used_and_the_current_one_without_it()
    {
        using ProcessArena process = new();
        using Arena arena = process.CreateArena();
        var comma = (CultureInfo)s_invariant.Clone();
        comma.NumberFormat.NumberDecimalSeparator = ",";
        Assert.Equal("1,5"u8, arena.Utf8(comma, $"{1.5}"));
        Assert.Equal("1,5", arena.Utf16(comma, $"{1.5}"));
        CultureInfo before = CultureInfo.CurrentCulture;
        try
        {
            CultureInfo.CurrentCulture = comma;
            Assert.Equal("1,5 1.5"u8, arena.Utf8($"{1.5} {arena.Utf8(s_invariant, $"{1.5}")}"));
            Assert.Equal("1,5"u8, arena.Utf8(null, $"{1.5}"));
        }
        finally
        {
            CultureInfo.CurrentCulture = before;
        }
    }

    [Fact]
    public void A_custom_formatter_has_the_first_word()
    {
        using ProcessArena process = new();
        using Arena arena = process.CreateArena();
        var formatter = new Brackets();
        int? none = null;
        Assert.Equal(string.Create(formatter, $"{1:x}{"s",4}{none}{DayOfWeek.Friday}"), arena.Utf16(formatter, $"{1:x}{"s",4}{none}{DayOfWeek.Friday}"));
        Assert.Equal("<1:x> <s:><:><Friday:>"u8, arena.Utf8(formatter, $"{1:x}{"s",5}{none}{DayOfWeek.Friday}"));
    }

    [Fact]
    public void The_unused_tail_is_given_back_and_nothing_moves_while_it_grows()
    {
        using ProcessArena process = new();
        using Arena arena = process.CreateArena();
        ReadOnlySpan<byte> text = arena.Utf8($"{1}{2}{3}");
        Assert.Equal(8, arena.Allocated);
        string large = new('x', 5000);
        ReadOnlySpan<byte> grown = arena.Utf8($"{large}{large}");
        Assert.Equal(10_000, grown.Length);
        Assert.Equal(10_008, arena.Allocated);
        Assert.Equal("123"u8, text);
        Assert.Equal(2000, arena.Utf16($"{new Long(2000)}").Length);
        Assert.Equal(10_008 + 4000, arena.Allocated);
    }

    [Fact]
    public void Holes_may_use_the_arena()
    {
        using ProcessArena process = new();
        using Arena arena = process.CreateArena();
        string large = new('x', 100);
        Assert.Equal("a b c d", Encoding.UTF8.GetString(arena.Utf8($"a {arena.Utf8($"b {arena.Utf16($"c")}")} d")));
        Assert.Equal(Encoding.UTF8.GetBytes($"a {large}b{large}b{large} d"), arena.Utf8($"a {arena.Utf8($"{large}b{arena.Utf8($"{large}")}b{large}")} d"));
    }

    [Fact]
    public void A_hole_that_ends_the_request_or_rewinds_past_the_text_is_told()
    {
        using ProcessArena process = new();
        using Arena arena = process.CreateArena();
        Assert.Throws<ObjectDisposedException>(() => arena.Utf8($"a{Reset(arena)}").Length);
        Assert.Throws<ObjectDisposedException>(() => arena.Utf16($"a{Reset(arena)}b").Length);
        ArenaMark mark = arena.Mark();
        Assert.Throws<ObjectDisposedException>(() => arena.Utf8($"a{Rewind(mark)}b").Length);
        arena.Dispose();
        Assert.Throws<ObjectDisposedException>(() => arena.Utf8($"").Length);
        Assert.Throws<ObjectDisposedException>(() => arena.Utf16($"a").Length);
    }

    [Fact]
    public void Wrong_formats_wrong_formatters_and_wrong_arenas_are_told()
    {
        using ProcessArena process = new();
        using Arena arena = process.CreateArena();
        using Arena other = process.CreateArena();
        Assert.Throws<FormatException>(() => arena.Utf8($"{1:y}").Length);
        Assert.Throws<FormatException>(() => arena.Utf8($"{new Liar(1_000_000)}").Length);
        Assert.Throws<FormatException>(() => arena.Utf16($"{new Liar(-1)}").Length);
        Assert.Throws<ArgumentNullException>(() => { _ = new ArenaUtf8InterpolatedStringHandler(0, 0, null!); });
        Assert.Throws<ArgumentNullException>(() => { _ = new ArenaUtf16InterpolatedStringHandler(0, 0, null!); });
        Assert.Throws<ArgumentException>(() =>
        {
            var text = new ArenaUtf8InterpolatedStringHandler(0, 0, arena);
            return other.Utf8(ref text).Length;
        });
        Assert.Throws<ArgumentException>(() =>
        {
            ArenaUtf16InterpolatedStringHandler text = default;
            return other.Utf16(ref text).Length;
        });
    }

    [Fact]
    public void Too_much_padding_is_refused()
    {
        using ProcessArena process = new();
        using Arena arena = process.CreateArena();
        Assert.Throws<ArgumentOutOfRangeException>(() =>
        {
            var text = new ArenaUtf8InterpolatedStringHandler(0, 1, arena);
            text.AppendFormatted(1, int.MinValue);
            return arena.Utf8(ref text).Length;
        });
    }

    [Fact]
    public void A_text_may_be_returned()
    {
        using ProcessArena process = new();
        using Arena arena = process.CreateArena();
        Assert.Equal("1 a"u8, Line(arena, 1, "a"u8));

        static ReadOnlySpan<byte> Line(Arena arena, int number, ReadOnlySpan<byte> text) => arena.Utf8($"{number} {text}");
    }

    [Fact]
    public void Interpolation_makes_no_garbage_once_it_is_compiled_for_good()
    {
        var start = new ProcessStartInfo(Codegen.Listing.Program, "interpolation-garbage") { RedirectStandardOutput = true };
        using Process child = Process.Start(start)!;
        string answer = child.StandardOutput.ReadToEnd();
        child.WaitForExit();
        Assert.Equal("0", answer.Trim());
    }

    [Fact]
    public void Text_and_bytes_as_holes_make_no_garbage_even_in_a_debug_build()
    {
        using ProcessArena process = new(new() { Reclamation = ArenaReclamation.PerRequest });
        using Arena arena = process.CreateArena();
        string name = "é😀";
        byte[] wrong = [(byte)'a', 0xFF];
        Assert.Equal(0, Garbage.Of(() =>
        {
            arena.Utf8($"{name,-10} {"utf-8"u8} {name.AsSpan(2)} {wrong.AsSpan()}\n");
            arena.Utf16($"{name,-10} {"utf-8"u8} {name.AsSpan(2)} {wrong.AsSpan()}\n");
            arena.Reset();
        }));
    }

    private static string Reset(Arena arena)
    {
        arena.Reset();
        return "";
    }

    private static string Rewind(ArenaMark mark)
    {
        mark.Dispose();
        return "";
    }

    private sealed class Plain
    {
        public override string ToString() => "plain";
    }

    private sealed class Formattable : IFormattable
    {
        public string ToString(string? format, IFormatProvider? formatProvider) => "formattable as " + format;
    }

    private readonly struct Long(int length) : ISpanFormattable
    {
        public string ToString(string? format, IFormatProvider? formatProvider) => new('y', length);

        public bool TryFormat(Span<char> destination, out int charsWritten, ReadOnlySpan<char> format, IFormatProvider? provider)
        {
            charsWritten = destination.Length < length ? 0 : length;
            destination[..charsWritten].Fill('y');
            return charsWritten > 0;
        }
    }

    private readonly struct Liar(int claimed) : ISpanFormattable, IUtf8SpanFormattable
    {
        public string ToString(string? format, IFormatProvider? formatProvider) => "";

        public bool TryFormat(Span<char> destination, out int charsWritten, ReadOnlySpan<char> format, IFormatProvider? provider)
        {
            charsWritten = claimed;
            return true;
        }

        public bool TryFormat(Span<byte> utf8Destination, out int bytesWritten, ReadOnlySpan<char> format, IFormatProvider? provider)
        {
            bytesWritten = claimed;
            return true;
        }
    }

    private sealed class Brackets : IFormatProvider, ICustomFormatter
    {
        public object? GetFormat(Type? formatType) => formatType == typeof(ICustomFormatter) ? this : null;

        public string Format(string? format, object? arg, IFormatProvider? formatProvider) => $"<{arg}:{format}>";
    }
}
