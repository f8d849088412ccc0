using System.Diagnostics;
using System.Globalization;

namespace OneShot.Codegen;

/// <summary>What interpolation leaves to the garbage collector once it is compiled for good: before, generic code boxes what it asks for its interfaces.</summary>
internal static class InterpolationGarbage
{
    private const int Turns = 1000;

    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(30);

    /// <summary>The least number of bytes that <see cref="Turns"/> requests with every kind of hole allocated.</summary>
    public static long Least()
    {
        using var process = new ProcessArena(new() { Reclamation = ArenaReclamation.PerRequest });
        using Arena arena = process.CreateArena();
        long least = long.MaxValue;
        for (long start = Stopwatch.GetTimestamp(); least > 0 && Stopwatch.GetElapsedTime(start) < s_patience;)
        {
            long before = GC.GetAllocatedBytesForCurrentThread();
            for (int turn = 0; turn < Turns; turn++)
            {
                Write(arena, turn, turn, "é😀", "utf-8"u8, DateTime.UnixEpoch, Guid.Empty);
                arena.Reset();
            }

            least = Math.Min(least, GC.GetAllocatedBytesForCurrentThread() - before);
        }

        return least;
    }

    private static void Write(Arena arena, int number, int? some, string text, ReadOnlySpan<byte> utf8, DateTime time, Guid id)
    {
        CultureInfo culture = CultureInfo.InvariantCulture;
        arena.Utf8(culture, $"{number,-10:x}{number + 0.5:f2}{(decimal)number}{id}{time:O}{text,10}{utf8,-8}{true}{'c'}{some,3}{DayOfWeek.Friday,10}{TimeSpan.Zero:c}");
        arena.Utf16(culture, $"{number,-10:x}{number + 0.5:f2}{(decimal)number}{id}{time:O}{text,10}{utf8,-8}{true}{'c'}{some,3}{DayOfWeek.Friday,10}{TimeSpan.Zero:c}");
        arena.Utf8(null, $"{number} {text}");
        arena.Utf16(null, $"{number} {text}");
    }
}
