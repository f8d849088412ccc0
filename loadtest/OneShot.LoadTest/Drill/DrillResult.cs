using System.Globalization;

namespace OneShot.LoadTest.Drill;

/// <summary>Everything a report of <c>drill</c> says.</summary>
/// <param name="Failures">Failed requests, by what became of them.</param>
/// <param name="Retries">Requests the balancer had to send once more, to the same or to another replica. A planned restart needs none.</param>
/// <param name="LastResort">Requests that went to draining replicas, because none was ready.</param>
internal sealed record DrillResult(
    DrillOptions Options,
    TimeSpan Duration,
    long Succeeded,
    IReadOnlyDictionary<string, int> Failures,
    IReadOnlyList<Restart> Restarts,
    TimelineResult Timeline,
    long Retries,
    long LastResort,
    string? Unfinished)
{
    public long Failed => Failures.Values.Sum(static count => (long)count);

    /// <summary>Those that ended while they were in rotation, or before.</summary>
    public IEnumerable<Restart> Unplanned => Restarts.Where(restart => restart.Phase != ReplicaPhase.Draining);

    /// <summary>What the drill is about did not hold; null when it did.</summary>
    public string? Verdict
    {
        get
        {
            List<string> parts = [];
            if (Unfinished is not null)
            {
                parts.Add(Unfinished);
            }

            if (Failed > 0)
            {
                parts.Add($"{Failed} requests failed");
            }

            if (Timeline.AllDown > TimeSpan.Zero)
            {
                parts.Add(string.Create(CultureInfo.InvariantCulture, $"no replica was ready for {Timeline.AllDown.TotalSeconds:0.00} s"));
            }

            if (Unplanned.Any())
            {
                parts.Add($"{Unplanned.Count()} replicas ended without having drained");
            }

            return parts.Count == 0 ? null : string.Join(", ", parts);
        }
    }
}
