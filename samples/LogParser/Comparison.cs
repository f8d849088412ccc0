using System.Diagnostics;
using System.Globalization;
using OneShot;

namespace LogParser;

/// <summary>Both parsers in turn over one file, and what each took.</summary>
internal static class Comparison
{
    private const int WarmUpBytes = 2 << 20;

    /// <exception cref="InvalidOperationException">They do not agree.</exception>
    public static void Run(string file, int megabytes, int runs, TextWriter output)
    {
        using (var small = new MemoryStream())
        {
            LogGenerator.Write(small, WarmUpBytes);
            for (int turn = 0; turn < 3; turn++)
            {
                small.Position = 0;
                ParseIntoHeap(small);
                small.Position = 0;
                ParseIntoArena(small, WarmUpBytes, out _);
            }
        }

        var heap = new List<Figures>();
        var arena = new List<Figures>();
        Summary summary = default;
        long native = 0;
        for (int run = 0; run < runs; run++)
        {
            using FileStream log = File.OpenRead(file);
            Summary ofHeap = default;
            heap.Add(Figures.Of(() => ofHeap = ParseIntoHeap(log)));
            log.Position = 0;
            arena.Add(Figures.Of(() => summary = ParseIntoArena(log, log.Length, out native)));
            if (summary != ofHeap)
            {
                throw new InvalidOperationException($"The parsers do not agree: {ofHeap}, {summary}.");
            }
        }

        output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{megabytes} MB, {summary.Lines:N0} lines, medians of {runs}"));
        output.WriteLine($"{"",-8} {"time",9} {"processor",9} {"managed bytes",15} {"collections",14} {"GC pauses",10}");
        Write(output, "GC heap", heap);
        Write(output, "arena", arena);
        output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"The arena took {native:N0} bytes of its process arena, outside of the GC heap."));
    }

    internal static Summary ParseIntoHeap(Stream log)
    {
        var parser = new HeapParser();
        parser.Parse(log);
        return parser.Summarize();
    }

    /// <param name="log">JSON lines.</param>
    /// <param name="bytes">How many, at most.</param>
    /// <param name="native">Bytes of native memory that it took.</param>
    internal static Summary ParseIntoArena(Stream log, long bytes, out long native)
    {
        // Address space for the texts, the entries, and the copies that growing lists leave behind. What is not used takes no memory.
        using var process = new ProcessArena(new() { Capacity = (8 * bytes) + (64 << 20), BlockSize = 1 << 20 });
        using Arena arena = process.CreateArena();
        var parser = new ArenaParser(arena);
        parser.Parse(log);
        Summary summary = parser.Summarize();
        native = process.Used;
        return summary;
    }

    private static void Write(TextWriter output, string side, List<Figures> runs)
    {
        Figures median = Figures.Median(runs);
        string collections = string.Create(CultureInfo.InvariantCulture, $"{median.Gen0}/{median.Gen1}/{median.Gen2}");
        output.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"{side,-8} {median.Time.TotalSeconds,7:F2} s {median.Processor.TotalSeconds,7:F2} s {median.Bytes,15:N0} {collections,14} {median.Pauses.TotalMilliseconds,7:F0} ms"));
    }

    /// <summary>What one run took. Processor time is that of all threads, the GC's too; time is what a clock on the wall says.</summary>
    private readonly record struct Figures(TimeSpan Time, TimeSpan Processor, long Bytes, int Gen0, int Gen1, int Gen2, TimeSpan Pauses)
    {
        public static Figures Of(Action run)
        {
            GC.Collect();
            GC.WaitForPendingFinalizers();
            GC.Collect();
            (int gen0, int gen1, int gen2) = (GC.CollectionCount(0), GC.CollectionCount(1), GC.CollectionCount(2));
            TimeSpan pauses = GC.GetTotalPauseDuration();
            long bytes = GC.GetAllocatedBytesForCurrentThread();
            TimeSpan processor = Environment.CpuUsage.TotalTime;
            long start = Stopwatch.GetTimestamp();
            run();
            return new Figures(
                Stopwatch.GetElapsedTime(start),
                Environment.CpuUsage.TotalTime - processor,
                GC.GetAllocatedBytesForCurrentThread() - bytes,
                GC.CollectionCount(0) - gen0,
                GC.CollectionCount(1) - gen1,
                GC.CollectionCount(2) - gen2,
                GC.GetTotalPauseDuration() - pauses);
        }

        /// <summary>Of each figure by itself.</summary>
        public static Figures Median(List<Figures> runs) => new(
            Median(runs, run => run.Time),
            Median(runs, run => run.Processor),
            Median(runs, run => run.Bytes),
            Median(runs, run => run.Gen0),
            Median(runs, run => run.Gen1),
            Median(runs, run => run.Gen2),
            Median(runs, run => run.Pauses));

        private static T Median<T>(List<Figures> runs, Func<Figures, T> figure) => runs.Select(figure).Order().ElementAt(runs.Count / 2);
    }
}
