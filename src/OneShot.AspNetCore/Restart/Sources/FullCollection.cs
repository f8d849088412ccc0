using System.Runtime;

namespace OneShot.AspNetCore.Restart;

/// <summary>
/// Full, compacting collections that give memory back to the system, to tell what lives from what is garbage; seldom enough that a process
/// stands still for a twentieth of its time at most. One per process, for all sources.
/// </summary>
/// <remarks>Called by one thread at a time, the monitor's samples.</remarks>
/// <param name="time">All times are measured by it.</param>
/// <param name="collect">Collects, or is a test's.</param>
/// <param name="mayCollect">Whether a collection would do no harm just now.</param>
internal sealed class FullCollection(TimeProvider time, Action collect, Func<bool> mayCollect)
{
    private const int RestPerPause = 20;

    private long _endedAt;
    private TimeSpan _pause;

    public FullCollection(TimeProvider time)
        : this(time, static () => GC.Collect(GC.MaxGeneration, GCCollectionMode.Aggressive, blocking: true, compacting: true), static () => GCSettings.LatencyMode != GCLatencyMode.NoGCRegion)
    {
    }

    /// <summary>How many there were.</summary>
    public int Count { get; private set; }

    /// <summary>False in a no-GC region, which a collection would end: there, nothing is given back anyway.</summary>
    public bool IsPossible => mayCollect();

    /// <summary>Collects, if the last one is so long ago.</summary>
    /// <returns>Whether it has.</returns>
    public bool TryRun(TimeSpan rest)
    {
        long now = time.GetTimestamp();
        TimeSpan least = _pause * RestPerPause;
        if (!IsPossible || (Count > 0 && time.GetElapsedTime(_endedAt, now) < (rest > least ? rest : least)))
        {
            return false;
        }

        collect();
        Count++;
        _endedAt = time.GetTimestamp();
        _pause = time.GetElapsedTime(now, _endedAt);
        return true;
    }
}
