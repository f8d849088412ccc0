using System.Diagnostics.Metrics;

namespace OneShot.AspNetCore.Telemetry;

/// <summary>What each request has allocated, told when it ends. While nobody listens, that costs two reads of a field.</summary>
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
            description: "Memory that a request has allocated from its arena, the request head included.",
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
