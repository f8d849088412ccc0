using System.Globalization;
using System.Runtime;

namespace OneShot.AspNetCore.Restart;

/// <summary>
/// The heap of the GC against its hard limit. Used is what it had committed by the end of its last collection, which is what the GC holds against
/// the limit, or what is allocated by now, if that is more; and three regions of 4 MiB: up to two it needs to go on (it gave up 2 to 11 MiB
/// below limits from 64 MiB to 1 GiB), and one to drain in.
/// </summary>
/// <param name="limit">Bytes.</param>
internal sealed class GcHeap(long limit) : IMemoryUse
{
    public const string KeyOfSource = "gc";

    private const long Regions = 12L << 20;

    public string Key => KeyOfSource;

    public string Name => "heap of the GC";

    public string Remedies => "find what keeps objects alive, or a larger limit: of the container, or DOTNET_GCHeapHardLimit.";

    /// <summary>Null where the heap has no limit: then it ends with the machine's memory, or the container's.</summary>
    public static GcHeap? Find() =>
        GC.GetConfigurationVariables().TryGetValue("GCHeapHardLimit", out object? value)
        && Convert.ToInt64(value, CultureInfo.InvariantCulture) is > 0 and var limit
            ? new GcHeap(limit)
            : null;

    public bool TryRead(out MemoryReading reading)
    {
        // Of a heap budget all is committed at once, and nothing collected: full by the figures, and as it should be. What was read before holds.
        if (GCSettings.LatencyMode == GCLatencyMode.NoGCRegion)
        {
            reading = new MemoryReading(0, limit);
            return false;
        }

        reading = new MemoryReading(Math.Max(GC.GetGCMemoryInfo(GCKind.Any).TotalCommittedBytes, GC.GetTotalMemory(forceFullCollection: false)) + Regions, limit);
        return true;
    }
}
