using System.Globalization;
using OneShot.LoadTest.Drill;
using OneShot.LoadTest.Servers;
using OneShot.LoadTest.Tail;
using OneShot.LoadTest.Tail.Targets;
using Spectre.Console;

namespace OneShot.LoadTest.Report;

/// <summary>A tail benchmark on the console.</summary>
internal static class TailTable
{
    public static void Write(IAnsiConsole console, TailResult result)
    {
        foreach (TailSet set in result.Sets)
        {
            Table table = new() { Title = new TableTitle(Markup.Escape(TailRows.Title(set))), Border = TableBorder.Rounded };
            foreach ((int index, string column) in TailRows.Columns(result.Options).Index())
            {
                TableColumn text = new TableColumn(column).Padding(0, 0);
                table.AddColumn(index == 0 ? text : text.RightAligned());
            }

            foreach (IReadOnlyList<string> row in TailRows.Of(set, result.Options))
            {
                table.AddRow([.. row.Select(Markup.Escape)]);
            }

            console.Write(table);
            foreach (string remark in TailRows.Remarks(set, result.Options))
            {
                console.MarkupLineInterpolated($"{remark}");
            }

            console.WriteLine();
        }

        foreach (string note in TailNotes.Of(result))
        {
            console.MarkupLineInterpolated($"[grey]{note}[/]");
        }
    }
}

/// <summary>The table of a size of garbage, on the console and in Markdown alike: a row a side.</summary>
internal static class TailRows
{
    /// <summary>The first stands left, the others right.</summary>
    public static IReadOnlyList<string> Columns(TailOptions options) =>
    [
        "", "p50", "p99", "p99.9", "p99.99", "longest", "failed", .. options.Replicas > 1 ? ["restarts"] : Array.Empty<string>(),
        "GCs (gen 0/1/2)", "pauses", "paused in all", "longest pause", "CPU a request",
    ];

    public static string Title(TailSet set) => $"{Figures.Count(set.Garbage)} bytes of garbage a request";

    /// <summary>Two rows a side: its own, and below it how late the machine itself woke a thread meanwhile.</summary>
    public static IEnumerable<IReadOnlyList<string>> Of(TailSet set, TailOptions options)
    {
        foreach (TailSideResult side in set.Sides)
        {
            yield return
            [
                TailSides.Describe(side.Side, options),
                .. Latencies(side.Tail),
                Figures.Count(side.Failed),
                .. options.Replicas > 1 ? [Figures.Count(side.Restarts)] : Array.Empty<string>(),
                Collections(side.Gc),
                Figures.Count(side.Pauses),
                Figures.Latency(side.PausedMicroseconds),
                side.Pauses == 0 ? "" : Figures.Latency(side.LongestPauseMicroseconds),
                Figures.Cpu(side.CpuMicroseconds),
            ];
            string[] machine = ["  the machine itself", .. Latencies(side.Machine)];
            yield return [.. machine, .. Enumerable.Repeat("", Columns(options).Count - machine.Length)];
        }
    }

    /// <summary>What stands below the table: what became of budgets, and what spoils the figures.</summary>
    public static IEnumerable<string> Remarks(TailSet set, TailOptions options)
    {
        foreach (TailTurn turn in set.Turns)
        {
            string name = options.Rounds == 1
                ? TailSides.Describe(turn.Side, options)
                : string.Create(CultureInfo.InvariantCulture, $"{TailSides.Describe(turn.Side, options)}, round {turn.Round + 1}");
            foreach (BudgetMark mark in turn.Marks.Where(mark => IsNews(mark, turn)))
            {
                yield return turn.Replicas is null ? $"{name}: {Describe(mark)}." : $"{name}, replica {mark.Replica + 1}: {Describe(mark)}.";
            }

            foreach (string remark in turn.Replicas is { } replicas ? Remarks(name, replicas) : [])
            {
                yield return remark;
            }

            foreach ((string kind, int count) in turn.Failures)
            {
                yield return $"WARNING: {name}: {Figures.Count(count)} requests failed: {kind}.";
            }

            // A second behind the end is no tail: the queue grew all the time.
            if (turn.Overrun > TimeSpan.FromSeconds(1))
            {
                yield return $"WARNING: {name}: the last answer came {Figures.Duration(turn.Overrun)} after the end: the rate is beyond what the server can do, or it stopped for that long.";
            }

            if (turn.Lateness.TotalMicroseconds > turn.Tail.Longest / 2)
            {
                yield return $"WARNING: {name}: the client itself was {Figures.Latency(turn.Lateness.TotalMicroseconds)} late once, more than half of the longest latency: the machine was busy.";
            }

            if (turn.Machine.P999 is { } machine && turn.Tail.P999 is { } tail && machine > tail / 3)
            {
                yield return $"WARNING: {name}: the machine itself woke a thread {Figures.Latency(machine)} late at p99.9, more than a third of the side's own p99.9: what is below that cannot be told from the latency.";
            }
        }
    }

    /// <summary>Entered in time is what should be; and that a replica is due, if it is restarted for that.</summary>
    public static bool IsNews(BudgetMark mark, TailTurn turn) => turn.Replicas is null
        ? mark.Event != BudgetEvent.Entered || mark.At > TimeSpan.Zero
        : mark.Event is not (BudgetEvent.Entered or BudgetEvent.Due);

    private static IEnumerable<string> Remarks(string name, ReplicaTurn replicas)
    {
        if (replicas.Restarts.Count > 0)
        {
            yield return string.Create(CultureInfo.InvariantCulture, $"{name}: {replicas.Restarts.Count} restarts, after lives of {Figures.Duration(replicas.Restarts.Min(restart => restart.Life))} to {Figures.Duration(replicas.Restarts.Max(restart => restart.Life))}.");
        }

        if (replicas.Restarts.Count(restart => restart.Phase != ReplicaPhase.Draining) is > 0 and int unplanned)
        {
            yield return $"WARNING: {name}: {unplanned} replicas ended without having drained.";
        }

        if (replicas.NoneReady > TimeSpan.Zero)
        {
            yield return $"WARNING: {name}: for {Figures.Duration(replicas.NoneReady)} no replica was in rotation, and draining ones served: lives are too short beside a restart, or replicas too few.";
        }

        if (replicas.Retries > 0)
        {
            yield return $"WARNING: {name}: the balancer had to send {Figures.Count(replicas.Retries)} requests once more.";
        }

        if (replicas.LostLives > 0)
        {
            yield return $"WARNING: {name}: {replicas.LostLives} processes ended without telling their figures: collections, pauses and CPU lack theirs.";
        }
    }

    /// <summary>An event of a budget, with when it was.</summary>
    public static string Describe(BudgetMark mark)
    {
        string what = mark.Event switch
        {
            BudgetEvent.Due => "due for a restart",
            BudgetEvent.Entered => "budget entered",
            BudgetEvent.EnteredAgain => "budget entered again, after a collection",
            BudgetEvent.Refused => "budget refused by the runtime",
            BudgetEvent.Spent => "budget spent, collection resumes",
            BudgetEvent.NotPopulated => "not all of the budget's memory faulted in",
            BudgetEvent.Left => "budget left while draining, after a collection",
            BudgetEvent.NotEnteredAgain => "budget not granted again, collection resumes",
            _ => throw new ArgumentOutOfRangeException(nameof(mark)),
        };
        return mark.At < TimeSpan.Zero ? $"{what} before the first counted request" : $"{what} after {Figures.Duration(mark.At)}";
    }

    private static IEnumerable<string> Latencies(TailLatencies tail) =>
        [Latency(tail.P50), Latency(tail.P99), Latency(tail.P999), Latency(tail.P9999), Latency(tail.Longest)];

    private static string Latency(double? microseconds) => microseconds is { } value ? Figures.Latency(value) : "";

    private static string Collections(GcStats gc) => $"{Figures.Count(gc.Gen0)}/{Figures.Count(gc.Gen1)}/{Figures.Count(gc.Gen2)}";
}

/// <summary>What a reader must know to read the figures right.</summary>
internal static class TailNotes
{
    public static IEnumerable<string> Of(TailResult result)
    {
        TailOptions options = result.Options;
        yield return string.Create(CultureInfo.InvariantCulture, $"{result.Machine.Processor}, {result.Machine.Cores} cores shared by server and client; {result.Machine.System}; {result.Machine.Runtime}.");
        yield return string.Create(CultureInfo.InvariantCulture, $"{options.RequestsPerSecond:#,0} requests a second over {options.Connections} connections, {options.Duration.TotalSeconds:#,0} s a turn behind {options.WarmUp.TotalSeconds:#,0} s of warm-up, {options.Rounds} of each side; {options.LiveObjects:#,0} MiB of live objects; transport {options.Transport}.");
        if (options.Replicas > 1)
        {
            yield return string.Create(CultureInfo.InvariantCulture, $"{options.Replicas} replicas of each side behind HAProxy, with live objects and budget each; one that is due for a restart drains for {options.DrainDelay.TotalSeconds:0} s, ends, and is started again at once. Figures are sums over all of their processes: CPU with their starts and without HAProxy's, collections and pauses from when a process listens.");
        }

        yield return "Latency is counted from when a request was due, by the clock and not by the answer before it: waiting for a free connection is part of it. Percentiles within 0.1 %, blank where fewer than ten requests lie beyond; the longest is exact.";
        yield return "Collections are the runtime's count, which also counts the entry of a heap budget and its notice; pauses are those of its events, from where threads begin to be stopped until they run again.";
        yield return "The machine itself: by how much a thread of the client that does nothing but sleep for 1 ms was woken late during the same turn, for every millisecond of it. That is the hypervisor's and the scheduler's, and part of every latency.";
        foreach ((string name, string value) in result.Variables)
        {
            yield return $"{name}={value} on every side.";
        }

        yield return "Workers of the client's thread pool do not spin before they wait (System.Threading.ThreadPool.UnfairSemaphoreSpinLimit=0).";

        if (result.Machine.DebugBuild)
        {
            yield return "WARNING: the server is a Debug build. Build it with -c Release for figures that mean something.";
        }
    }
}
