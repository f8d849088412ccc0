using System.Globalization;
using System.Text.Json.Serialization;
using OneShot.LoadTest.Drill.Traffic;
using OneShot.LoadTest.Servers;

namespace OneShot.LoadTest.Drill;

/// <summary>What a drill of one service was asked to do, whose process is replaced again and again.</summary>
/// <param name="Transport">Of every process.</param>
/// <param name="Limit">The drill is over after that long, and has failed then.</param>
/// <param name="Capacity">Of the arena.</param>
/// <param name="RequestsPerSecond">Over all clients.</param>
/// <param name="Clients">One request at a time each.</param>
internal abstract record ServiceDrillOptions(Transport Transport, TimeSpan Limit, string Capacity, double RequestsPerSecond, int Clients);

/// <summary>Everything that reports of such drills have in common.</summary>
/// <param name="Load">What became of the requests.</param>
internal abstract record ServiceDrillResult([property: JsonIgnore] CountedLoad Load)
{
    public TimeSpan Duration => Load.Duration;

    public long Succeeded => Load.Succeeded;

    public IReadOnlyDictionary<string, int> Failures => Load.Failures;

    public Latencies Latencies => Load.Latencies;

    public string? Unfinished => Load.Unfinished;

    public long Failed => Failures.Values.Sum(static count => (long)count);

    /// <summary>What the drill is about did not hold; null when it did.</summary>
    public string? Verdict
    {
        get
        {
            List<string> faults = Unfinished is { } unfinished ? [unfinished] : [];
            if (Failed > 0)
            {
                faults.Add(string.Create(CultureInfo.InvariantCulture, $"{Failed} requests failed"));
            }

            faults.AddRange(OwnFaults);
            return faults.Count == 0 ? null : string.Join(", ", faults);
        }
    }

    /// <summary>What else did not hold.</summary>
    protected virtual IEnumerable<string> OwnFaults => [];
}

/// <summary>A load whose every request was counted.</summary>
/// <param name="Failures">By what became of them.</param>
/// <param name="Latencies">Of the answers that came.</param>
/// <param name="Unfinished">Why the service was not replaced as often as it was to be; null when it was.</param>
internal sealed record CountedLoad(TimeSpan Duration, long Succeeded, IReadOnlyDictionary<string, int> Failures, Latencies Latencies, string? Unfinished);
