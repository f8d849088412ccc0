using System.Text.Json.Serialization;
using OneShot.LoadTest.Compare;
using OneShot.LoadTest.Servers;
using OneShot.LoadTest.Tail.Load;
using OneShot.LoadTest.Tail.Targets;

namespace OneShot.LoadTest.Tail;

/// <summary>What <c>tail</c> was asked to do.</summary>
/// <param name="Garbage">Bytes that a request leaves on the GC's heap; each size is a set of turns by itself.</param>
/// <param name="LiveObjects">MiB that stay on the heap, of each replica.</param>
/// <param name="HeapBudget">As <c>OneShot:Heap:Budget</c>, of each replica.</param>
/// <param name="Gen0Size">MiB, for <c>DOTNET_GCgen0size</c>.</param>
internal sealed record TailOptions(
    IReadOnlyList<TailSide> Sides,
    IReadOnlyList<int> Garbage,
    int Rounds,
    TimeSpan Duration,
    TimeSpan WarmUp,
    int RequestsPerSecond,
    int Connections,
    int LiveObjects,
    string HeapBudget,
    int Gen0Size,
    Transport Transport)
{
    /// <summary>One is a process by itself; several stand behind HAProxy, and are restarted when they have used up their budget.</summary>
    public int Replicas { get; init; } = 1;

    /// <summary>How long a replica that is to restart serves on.</summary>
    public TimeSpan DrainDelay { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>The balancer's, in the proportion of its own file: it has noticed after two of them.</summary>
    public TimeSpan CheckInterval => DrainDelay / 10;
}

/// <summary>Everything a tail benchmark has measured.</summary>
/// <param name="Variables">Of the runtime, in the environment of every side.</param>
internal sealed record TailResult(Machine Machine, IReadOnlyDictionary<string, string> Variables, TailOptions Options, IReadOnlyList<TailSet> Sets)
{
    public long Failed => Sets.Sum(set => set.Turns.Sum(turn => turn.Failed));
}

/// <summary>The turns with one size of garbage, in the order in which they were taken.</summary>
internal sealed record TailSet(int Garbage, IReadOnlyList<TailTurn> Turns)
{
    /// <summary>In the order of the sides, each over all of its turns.</summary>
    public IReadOnlyList<TailSideResult> Sides => [.. Turns.GroupBy(turn => turn.Side).OrderBy(turns => turns.Key).Select(turns => new TailSideResult(turns.Key, [.. turns]))];
}

/// <summary>A side's turn: processes of its own, from their start to their end.</summary>
/// <param name="Latencies">Of each request, from when it was due.</param>
/// <param name="Failures">By kind.</param>
/// <param name="Overrun">How long after the end the last answer came.</param>
/// <param name="Lateness">The longest that the client itself was late.</param>
/// <param name="ClientPauses">For how long the client's own GC has stopped it.</param>
/// <param name="Gc">Collections that the server's runtime has counted; of replicas all together.</param>
/// <param name="Pauses">Of the server's GC, from its runtime's events.</param>
/// <param name="Marks">What became of the heap budget.</param>
/// <param name="Hiccups">By how much a thread of the client that did nothing but sleep was woken late meanwhile.</param>
internal sealed record TailTurn(
    TailSide Side,
    int Round,
    [property: JsonIgnore] LatencyRecord Latencies,
    IReadOnlyDictionary<string, int> Failures,
    TimeSpan Overrun,
    TimeSpan Lateness,
    TimeSpan ClientPauses,
    double CpuMicroseconds,
    GcStats Gc,
    IReadOnlyList<TurnPause> Pauses,
    IReadOnlyList<BudgetMark> Marks,
    [property: JsonIgnore] LatencyRecord Hiccups)
{
    /// <summary>Null for a single process.</summary>
    public ReplicaTurn? Replicas { get; init; }

    public long Requests => Latencies.Count;

    public long Failed => Failures.Values.Sum(count => (long)count);

    public TailLatencies Tail => TailLatencies.Of(Latencies);

    /// <summary>Of the machine itself: what nothing that runs on it can be faster than.</summary>
    public TailLatencies Machine => TailLatencies.Of(Hiccups);

    /// <summary>At index s the longest of those that were due in second s.</summary>
    public IReadOnlyList<double> LongestOfSecondMicroseconds => [.. Latencies.LongestOfSecond.Select(latency => latency.TotalMicroseconds)];

    /// <summary>At index s the longest of the machine itself that began in second s of the turn: a peak of both is none of the server's.</summary>
    public IReadOnlyList<double> MachineLongestOfSecondMicroseconds => [.. Hiccups.LongestOfSecond.Select(hiccup => hiccup.TotalMicroseconds)];
}

/// <param name="At">From when the first request was due.</param>
internal sealed record TurnPause(TimeSpan At, double Microseconds);

/// <summary>In microseconds, from when a request was due. Null where fewer than ten requests took longer: then it says more of chance than of the server.</summary>
internal sealed record TailLatencies(double? P50, double? P99, double? P999, double? P9999, double Longest)
{
    private const int LeastBeyond = 10;

    public static TailLatencies Of(LatencyRecord latencies) => new(
        At(latencies, 50), At(latencies, 99), At(latencies, 99.9), At(latencies, 99.99), latencies.Longest.TotalMicroseconds);

    private static double? At(LatencyRecord latencies, double percent) =>
        latencies.Count * (100 - percent) / 100 > LeastBeyond - 0.5 ? latencies.Percentile(percent).TotalMicroseconds : null;
}

/// <summary>A side over all of its turns: percentiles of all its requests together, and sums.</summary>
internal sealed record TailSideResult(TailSide Side, [property: JsonIgnore] IReadOnlyList<TailTurn> Turns)
{
    public long Requests => Turns.Sum(turn => turn.Requests);

    public long Failed => Turns.Sum(turn => turn.Failed);

    public int Restarts => Turns.Sum(turn => turn.Replicas?.Restarts.Count ?? 0);

    public TailLatencies Tail => TailLatencies.Of(Together(turn => turn.Latencies));

    /// <summary>Of the machine itself during its turns.</summary>
    public TailLatencies Machine => TailLatencies.Of(Together(turn => turn.Hiccups));

    public GcStats Gc => new(Turns.Sum(turn => turn.Gc.Gen0), Turns.Sum(turn => turn.Gc.Gen1), Turns.Sum(turn => turn.Gc.Gen2));

    public int Pauses => Turns.Sum(turn => turn.Pauses.Count);

    public double PausedMicroseconds => Turns.Sum(turn => turn.Pauses.Sum(pause => pause.Microseconds));

    public double LongestPauseMicroseconds => Turns.Max(turn => turn.Pauses.Select(pause => pause.Microseconds).DefaultIfEmpty(0).Max());

    /// <summary>The median of its turns.</summary>
    public double CpuMicroseconds => Median.Of(Turns.Select(turn => turn.CpuMicroseconds));

    private LatencyRecord Together(Func<TailTurn, LatencyRecord> of)
    {
        LatencyRecord all = new();
        foreach (TailTurn turn in Turns)
        {
            all.Add(of(turn));
        }

        return all;
    }
}
