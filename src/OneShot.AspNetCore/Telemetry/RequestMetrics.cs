using System.Diagnostics.Metrics;

namespace OneShot.AspNetCore.Telemetry;

/// <summary>
/// What each request has allocated, told when its arena comes back: at its end, or earlier when it gives the arena back. A head
/// that was refused counts too. While nobody listens, that costs two reads of a field.
/// </summary>
internal sealed class RequestMetrics
{
    private readonly Histogram<long> _size;
    private readonly Counter<long> _allocated;

    public RequestMetrics(IMeterFactory factory)
    {
        Meter meter = OneShotMeter.Of(factory);
        _size = meter.CreateHistogram(
            "oneshot.request.arena.size",
            unit: "By",
            description: "Memory allocated from an arena by the time it comes back: the request head, refused ones included, and what the application took.",
            advice: new InstrumentAdvice<long>
            {
                HistogramBucketBoundaries = [256, 512, 1024, 2048, 4096, 8192, 16_384, 32_768, 65_536, 262_144, 1_048_576],
            });
        _allocated = meter.CreateCounter<long>(
            "oneshot.arena.allocated", unit: "By", description: "Memory that requests which have ended had allocated from their arenas.");
    }

    /// <summary>Before the arena is reset.</summary>
    public void RequestEnds(Arena arena)
    {
        if (_size.Enabled)
        {
            _size.Record(arena.Allocated);
        }

        if (_allocated.Enabled)
        {
            _allocated.Add(arena.Allocated);
        }
    }
}
