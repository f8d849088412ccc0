using System.Runtime;

namespace OneShot.AspNetCore.Restart;

/// <summary>That of the runtime this process runs on.</summary>
/// <param name="pages">What faults its memory in; null to leave that to allocations.</param>
internal sealed class RuntimeNoGCRegion(HeapPages? pages) : INoGCRegion
{
    public bool IsEntered => GCSettings.LatencyMode == GCLatencyMode.NoGCRegion;

    public long Allocated => GC.GetTotalAllocatedBytes(precise: false); // 25 ns; the precise one stops all threads

    public long HeapLimit => GC.GetGCMemoryInfo().TotalAvailableMemoryBytes;

    public bool TryEnter(long size, long large, bool mayCollect)
    {
        pages?.BeforeCommit();
        try
        {
            if (!GC.TryStartNoGCRegion(size, large, disallowFullBlockingGC: !mayCollect))
            {
                return false;
            }

            pages?.AfterCommit();
            return true;
        }
        catch (Exception exception) when (exception is ArgumentOutOfRangeException or InvalidOperationException)
        {
            return false; // more than a heap of segments can hold, or a region that the application has begun itself
        }
    }

    public void NoticeAt(long size, Action notice)
    {
        try
        {
            GC.RegisterNoGCRegionCallback(size, notice);
        }
        catch (InvalidOperationException)
        {
            // Left again meanwhile: the next sample sees that.
        }
    }

    public PopulateOutcome Populate() => pages?.Populate() ?? default;

    public void Leave()
    {
        pages?.Stop();
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
    }
}
