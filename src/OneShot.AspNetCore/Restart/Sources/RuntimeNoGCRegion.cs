using System.Runtime;

namespace OneShot.AspNetCore.Restart;

/// <summary>That of the runtime this process runs on.</summary>
/// <remarks>
/// The runtime has one region for the whole process, and does not say whose it is. So this class notes which of its instances, of which each host has one, entered last: only
/// that one is in the region, and only it ends it. While a region is on, whoever's it is, no other is asked for: the runtime refuses that, and ends the first one all the same. So an application that
/// asks ends ours; the next sample sees that. A region that it enters after something has ended ours, and before that sample, is taken for ours.
/// </remarks>
/// <param name="pages">What faults its memory in; null to leave that to allocations.</param>
internal sealed class RuntimeNoGCRegion(HeapPages? pages) : INoGCRegion
{
    private const int Tries = 3;

    private static readonly Lock s_lock = new();
    private static RuntimeNoGCRegion? s_owner; // within the lock

    public bool IsEntered
    {
        get
        {
            lock (s_lock)
            {
                if (GCSettings.LatencyMode == GCLatencyMode.NoGCRegion)
                {
                    return s_owner == this;
                }

                Disown();
                return false;
            }
        }
    }

    public long Allocated => GC.GetTotalAllocatedBytes(precise: false); // 25 ns; the precise one stops all threads

    public long HeapLimit => GC.GetGCMemoryInfo().TotalAvailableMemoryBytes;

    public bool TryEnter(long size, long large, bool mayCollect)
    {
        lock (s_lock)
        {
            if (GCSettings.LatencyMode == GCLatencyMode.NoGCRegion)
            {
                return false;
            }

            if (!(mayCollect ? TryCollectAndStart(size, large) : TryStartOnMap(size, large, mayCollect: false)))
            {
                return false;
            }

            s_owner = this;
        }

        pages?.AfterCommit(size);
        return true;
    }

    public void NoticeAt(long size, Action notice)
    {
        try
        {
            GC.RegisterNoGCRegionCallback(size, notice);
        }
        catch (Exception exception) when (exception is ArgumentOutOfRangeException or InvalidOperationException)
        {
            // More than the GC would give notice of, or left again meanwhile: the next sample sees it.
        }
    }

    public PopulateOutcome Populate(bool isServing, Func<bool>? isWanted) => pages?.Populate(isServing, isWanted) ?? default;

    public void Leave()
    {
        pages?.Stop();
        lock (s_lock)
        {
            try
            {
                if (IsEntered)
                {
                    GC.EndNoGCRegion();
                }
            }
            catch (InvalidOperationException)
            {
                // Something has collected since the question.
            }

            Disown();
        }
    }

    /// <summary>
    /// Collects before the entry and not in it: a server GC with as many heaps as it needs commits the region, collects, and commits it once more.
    /// With nothing kept in reserve, what is new afterwards is the region. On a busy machine the GC now and then has no room at first.
    /// </summary>
    private bool TryCollectAndStart(long size, long large)
    {
        for (int i = 0; i < Tries; i++)
        {
            GiveBack();
            if (TryStartOnMap(size, large, mayCollect: false))
            {
                return true;
            }
        }

        GiveBack(); // a refused one has committed all that it got, up to the limit of the heap
        if (TryStartOnMap(size, large, mayCollect: true))
        {
            return true;
        }

        GiveBack();
        return false;
    }

    private bool TryStartOnMap(long size, long large, bool mayCollect)
    {
        pages?.BeforeCommit();
        return TryStart(size, large, mayCollect);
    }

    private static bool TryStart(long size, long large, bool mayCollect)
    {
        try
        {
            return GC.TryStartNoGCRegion(size, large, disallowFullBlockingGC: !mayCollect);
        }
        catch (Exception exception) when (exception is ArgumentOutOfRangeException or InvalidOperationException)
        {
            return false; // more than a heap of segments can hold, or a region that the application has begun just now
        }
    }

    private static void GiveBack() => GC.Collect(GC.MaxGeneration, GCCollectionMode.Aggressive, blocking: true, compacting: true);

    private void Disown() => s_owner = s_owner == this ? null : s_owner;
}
