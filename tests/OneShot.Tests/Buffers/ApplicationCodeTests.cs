using System.Globalization;

#pragma warning disable CA1305 // The provider is a part of the handler.

namespace OneShot.Tests.Buffers;

/// <summary>
/// Code of the application that runs in the middle of a call (a key that is compared, a value that is formatted, a provider that is asked for a format) and ends
/// the memory that the call works on: the call is an exception, and what was allocated there since is as its owner wrote it. It is
/// what another thread does to a call, against the rules, at a place where one thread can do it.
/// </summary>
public class ApplicationCodeTests
{
    private const int Block = 4096;
    private const byte Pattern = 0xA5;

    private static readonly DateTime s_day = new(2026, 12, 1, 0, 0, 0, DateTimeKind.Utc);

    public enum Ending
    {
        Reset,
        Rewind,
        Dispose,
    }

    public enum Hole
    {
        OfBothKinds,
        Utf16Only,
        ProviderOfNumbers,
        ProviderOfFormatters,
        EnumWithProvider,
        CurrentCulture,
        CurrentCultureBesideNumbers,
        CurrentCultureBesideTimes,
        Calendar,
        CurrentCalendar,
    }

    public static TheoryData<Ending, ArenaReclamation, bool> Ends =>
        new MatrixTheoryData<Ending, ArenaReclamation, bool>(Enum.GetValues<Ending>(), Enum.GetValues<ArenaReclamation>(), [false, true]);

    public static TheoryData<Ending, Hole, int, bool> Holes =>
        new MatrixTheoryData<Ending, Hole, int, bool>(Enum.GetValues<Ending>(), Enum.GetValues<Hole>(), [0, 100, -100], [false, true]);

    [Theory]
    [MemberData(nameof(Holes))]
    public void A_hole_that_ends_the_memory_of_its_text_is_told_and_nothing_is_written_there(Ending end, Hole hole, int alignment, bool fits)
    {
        foreach (ArenaReclamation reclamation in Enum.GetValues<ArenaReclamation>())
        {
            foreach (bool isFull in new[] { false, true })
            {
                foreach (bool isUtf8 in new[] { true, false })
                {
                    CultureInfo current = CultureInfo.CurrentCulture;
                    try
                    {
                        Ended(end, reclamation, isFull, (arena, interrupt) =>
                        {
                            CultureInfo.CurrentCulture = CultureFor(hole, interrupt) ?? current;
                            return isUtf8 ? Utf8(arena, interrupt, hole, alignment, fits) : Utf16(arena, interrupt, hole, alignment, fits);
                        });
                    }
                    finally
                    {
                        CultureInfo.CurrentCulture = current;
                    }
                }
            }
        }
    }

    [Theory]
    [MemberData(nameof(Ends))]
    public void A_key_that_ends_the_memory_of_its_dictionary_is_told_and_nothing_is_touched(Ending end, ArenaReclamation reclamation, bool isFull)
    {
        Action<ArenaDictionary<Key, long>>[] acts =
        [
            static map => map.Set(new(9, 1), 9),
            static map => map.TryAdd(new(2, 1), 9),
            static map => map.TryGetValue(new(2, 1), out _),
            static map => map.ContainsKey(new(9, 1)),
            static map => map.Remove(new(2, 1)),
            static map => map.Remove(new(9, 1)),
            static map => map[new(2, 1)] = 9,
        ];
        foreach (Action<ArenaDictionary<Key, long>> act in acts)
        {
            foreach (bool whenHashed in new[] { true, false })
            {
                Ended(end, reclamation, isFull, (arena, interrupt) =>
                {
                    ArenaDictionary<Key, long> map = arena.CreateDictionary<Key, long>(4);
                    for (int id = 1; id <= 4; id++)
                    {
                        map.Add(new(id, 1), id);
                    }

                    (whenHashed ? ref Key.WhenHashed : ref Key.WhenCompared) = interrupt;
                    act(map);
                    return 0;
                });
            }
        }
    }

    [Theory]
    [MemberData(nameof(Ends))]
    public void The_keys_of_an_enumeration_are_asked_for_before_they_are_read(Ending end, ArenaReclamation reclamation, bool isFull) =>
        Ended(end, reclamation, isFull, static (arena, interrupt) =>
        {
            ArenaBytesDictionary<int> map = arena.CreateBytesDictionary<int>(4);
            map.Add("key"u8, 1);
            int sum = 0;
            foreach (ArenaBytesDictionary<int>.Entry entry in map)
            {
                interrupt();
                sum += entry.Key[0];
            }

            return sum;
        });

    [Theory]
    [InlineData("Add")]
    [InlineData("Remove")]
    [InlineData("Clear")]
    [InlineData("Grow")]
    public void A_key_that_changes_its_dictionary_while_it_is_compared_is_told_and_the_dictionary_holds(string change)
    {
        using ProcessArena process = new(new() { Capacity = 1 << 20, BlockSize = Block, Reclamation = ArenaReclamation.PerRequest });
        using Arena arena = process.CreateArena();
        ArenaDictionary<Key, long> map = arena.CreateDictionary<Key, long>(8);
        map.Add(new(1, 1), 1);
        map.Add(new(2, 1), 2);
        Key.WhenCompared = () =>
        {
            switch (change)
            {
                case "Add": map.Set(new(3, 1), 3); break;
                case "Remove": map.Remove(new(1, 1)); break;
                case "Clear": map.Clear(); break;
                default: map.EnsureCapacity(100); break;
            }
        };
        Assert.Throws<InvalidOperationException>(() => map.Set(new(9, 1), 9));
        map.AssertValid();
        Assert.Equal(change switch { "Add" => 3, "Remove" => 1, "Clear" => 0, _ => 2 }, map.Count);
        Assert.False(map.ContainsKey(new(9, 1)));
        Assert.Equal(change is not "Clear", map.ContainsKey(new(2, 1)));
    }

    [Fact]
    public void Who_does_not_end_anything_in_the_middle_is_not_in_the_way()
    {
        using ProcessArena process = new(new() { Capacity = 1 << 20, BlockSize = Block, Reclamation = ArenaReclamation.PerRequest });
        using Arena arena = process.CreateArena();
        var provider = new Provider(typeof(NumberFormatInfo), static () => { });
        Assert.Equal("<4,2>|   <Friday>|<1,0><1.5>", arena.Utf16(provider, $"<{4.2:0.0}>|{"<Friday>",11}|<{1.0:f1}><{new Version(1, 5)}>"));
        Assert.Equal("<4,2>| Friday|1,5|1.5"u8, arena.Utf8(provider, $"<{4.2:0.0}>|{DayOfWeek.Friday,7}|{1.5m}|{new Version(1, 5)}"));
        Assert.Equal(300, arena.Utf8($"{(Many)(-1):f}{new Utf16Text(300, static () => { })}").Length - arena.Utf16($"{(Many)(-1):f}").Length);
        ArenaDictionary<Key, long> map = arena.CreateDictionary<Key, long>();
        for (int id = 0; id < 100; id++)
        {
            map.Set(new(id, id % 3), id);
        }

        Assert.Equal(42, map[new(42, 0)]);
        Assert.True(map.Remove(new(42, 0)) && !map.Remove(new(42, 0)));
    }

    /// <summary>The call begins in an arena, whose memory ends in the middle of it and is somebody's who fills it.</summary>
    private static void Ended(Ending end, ArenaReclamation reclamation, bool isFull, Func<Arena, Action, int> call)
    {
        using ProcessArena process = new(new() { Capacity = 64 * Block, BlockSize = Block, GenerationSize = 8 * Block, Reclamation = reclamation });
        using Arena rest = process.CreateArena();
        while (isFull && rest.TryReserve(1000))
        {
            rest.Allocate<byte>(1000);
        }

        using Arena arena = process.CreateArena();
        ArenaMark mark = arena.Mark();
        UnsafeSlice<byte> next = default;
        bool hasEnded = false;
        Assert.Throws<ObjectDisposedException>(() => call(arena, () =>
        {
            if (hasEnded)
            {
                return;
            }

            hasEnded = true;
            switch (end)
            {
                case Ending.Reset: arena.Reset(); break;
                case Ending.Rewind: mark.Dispose(); break;
                default: arena.Dispose(); break;
            }

            if (end != Ending.Dispose)
            {
                next = arena.AllocateUnsafe<byte>(1500);
                next.Span.Fill(Pattern);
            }
        }));
        Assert.True(hasEnded, "The call has ended before its memory has.");
        Assert.Equal(-1, next.Span.IndexOfAnyExcept(Pattern));
        if (end != Ending.Dispose)
        {
            Assert.Equal(1504, arena.Allocated);
            Assert.Equal(-1, arena.Allocate<byte>(500).IndexOfAnyExcept((byte)0));
        }
    }

    private static int Utf8(Arena arena, Action interrupt, Hole hole, int alignment, bool fits)
    {
        var text = new ArenaUtf8InterpolatedStringHandler(3, 1, arena, ProviderFor(hole, interrupt));
        text.AppendLiteral("abc");
        switch (hole)
        {
            case Hole.OfBothKinds: text.AppendFormatted(new BothTexts(fits, interrupt), alignment); break;
            case Hole.Utf16Only: text.AppendFormatted(new Utf16Text(fits ? 3 : 300, interrupt), alignment); break;
            case Hole.EnumWithProvider: text.AppendFormatted(DayOfWeek.Friday, alignment); break;
            case Hole.Calendar or Hole.CurrentCalendar or Hole.CurrentCultureBesideNumbers: text.AppendFormatted(s_day, alignment, "yyyy-MM-dd"); break;
            default: text.AppendFormatted(42, alignment, "n"); break;
        }

        return arena.Utf8(ref text).Length;
    }

    private static int Utf16(Arena arena, Action interrupt, Hole hole, int alignment, bool fits)
    {
        var text = new ArenaUtf16InterpolatedStringHandler(3, 1, arena, ProviderFor(hole, interrupt));
        text.AppendLiteral("abc");
        switch (hole)
        {
            case Hole.OfBothKinds or Hole.Utf16Only: text.AppendFormatted(new BothTexts(fits, interrupt), alignment); break;
            case Hole.EnumWithProvider: text.AppendFormatted(DayOfWeek.Friday, alignment); break;
            case Hole.Calendar or Hole.CurrentCalendar or Hole.CurrentCultureBesideNumbers: text.AppendFormatted(s_day, alignment, "yyyy-MM-dd"); break;
            default: text.AppendFormatted(42, alignment, "n"); break;
        }

        return arena.Utf16(ref text).Length;
    }

    private static IFormatProvider? ProviderFor(Hole hole, Action interrupt) => hole switch
    {
        Hole.ProviderOfNumbers => new Provider(typeof(NumberFormatInfo), interrupt),
        Hole.ProviderOfFormatters => new Provider(typeof(ICustomFormatter), interrupt),
        Hole.EnumWithProvider => new Provider(typeof(ICustomFormatter), interrupt, turn: 2),
        Hole.CurrentCultureBesideNumbers => new NumberFormatInfo(),
        Hole.CurrentCultureBesideTimes => new DateTimeFormatInfo(),
        Hole.Calendar => WithCalendar(interrupt),
        _ => null,
    };

    private static CultureInfo? CultureFor(Hole hole, Action interrupt) => hole switch
    {
        Hole.CurrentCulture or Hole.CurrentCultureBesideNumbers or Hole.CurrentCultureBesideTimes => new OwnCulture(interrupt),
        Hole.CurrentCalendar => WithCalendar(interrupt),
        _ => null,
    };

    private static CultureInfo WithCalendar(Action interrupt)
    {
        var culture = (CultureInfo)CultureInfo.InvariantCulture.Clone();
        culture.DateTimeFormat.Calendar = new OwnCalendar(interrupt);
        return culture;
    }

    [Flags]
    private enum Many
    {
        None = 0,
        TheFirstOfManyFlagsWithALongName = 1,
        TheSecondOfManyFlagsWithALongName = 2,
        TheThirdOfManyFlagsWithALongName = 4,
        TheFourthOfManyFlagsWithALongName = 8,
        TheFifthOfManyFlagsWithALongName = 16,
        TheOthers = ~31,
    }

    /// <summary>Equal by its number alone; all of one group have one hash code.</summary>
    private readonly struct Key(int id, int group) : IEquatable<Key>
    {
        [ThreadStatic]
        public static Action? WhenHashed;

        [ThreadStatic]
        public static Action? WhenCompared;

        private readonly int _id = id;
        private readonly int _group = group;

        public bool Equals(Key other)
        {
            Run(ref WhenCompared);
            return _id == other._id;
        }

        public override bool Equals(object? obj) => obj is Key other && Equals(other);

        public override int GetHashCode()
        {
            Run(ref WhenHashed);
            return _group;
        }

        private static void Run(ref Action? action)
        {
            Action? once = action;
            action = null;
            once?.Invoke();
        }
    }

    /// <summary>Writes nothing itself: the memory that it was given is a span that it has, and has ended.</summary>
    private sealed class BothTexts(bool fits, Action interrupt) : ISpanFormattable, IUtf8SpanFormattable
    {
        private bool _hasInterrupted;

        public string ToString(string? format, IFormatProvider? formatProvider) => "";

        public bool TryFormat(Span<char> destination, out int charsWritten, ReadOnlySpan<char> format, IFormatProvider? provider)
        {
            charsWritten = 0;
            return Interrupt();
        }

        public bool TryFormat(Span<byte> utf8Destination, out int bytesWritten, ReadOnlySpan<char> format, IFormatProvider? provider)
        {
            bytesWritten = 0;
            return Interrupt();
        }

        private bool Interrupt()
        {
            interrupt();
            bool isFirst = !_hasInterrupted;
            _hasInterrupted = true;
            return fits || !isFirst;
        }
    }

    private sealed class Utf16Text(int length, Action interrupt) : ISpanFormattable
    {
        public string ToString(string? format, IFormatProvider? formatProvider) => "";

        public bool TryFormat(Span<char> destination, out int charsWritten, ReadOnlySpan<char> format, IFormatProvider? provider)
        {
            interrupt();
            charsWritten = 0;
            if (destination.Length < length)
            {
                return false;
            }

            destination[..length].Fill('x');
            charsWritten = length;
            return true;
        }
    }

    /// <summary>Runs the application's code when it is asked for a kind of format, the first time or a later one.</summary>
    private sealed class Provider(Type kind, Action interrupt, int turn = 1) : IFormatProvider
    {
        private int _turns;

        public object? GetFormat(Type? formatType)
        {
            if (formatType == kind && ++_turns >= turn)
            {
                interrupt();
            }

            return formatType == typeof(NumberFormatInfo) ? CultureInfo.GetCultureInfo("de-DE").NumberFormat : null;
        }
    }

    private sealed class OwnCulture(Action interrupt) : CultureInfo("de-DE")
    {
        public override object? GetFormat(Type? formatType)
        {
            interrupt();
            return base.GetFormat(formatType);
        }
    }

    private sealed class OwnCalendar(Action interrupt) : GregorianCalendar
    {
        public override int GetYear(DateTime time)
        {
            interrupt();
            return base.GetYear(time);
        }
    }
}
