using System.Collections.Concurrent;

namespace OneShot.LoadTest.Drill.Traffic;

/// <summary>Counts what became of requests, the failed ones by their kind. Thread-safe.</summary>
internal sealed class RequestTally
{
    private readonly ConcurrentDictionary<string, int> _failures = new(StringComparer.Ordinal);
    private long _succeeded;

    public long Succeeded => Interlocked.Read(ref _succeeded);

    public long Failed => _failures.Values.Sum(static count => (long)count);

    public void Success() => Interlocked.Increment(ref _succeeded);

    /// <param name="kind">What it was, without what differs from request to request.</param>
    public void Failure(string kind) => _failures.AddOrUpdate(kind, 1, static (_, count) => count + 1);

    public IReadOnlyDictionary<string, int> Failures() => new SortedDictionary<string, int>(_failures, StringComparer.Ordinal);
}
