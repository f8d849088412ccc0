using System.Globalization;

namespace OneShot.AspNetCore.Restart;

/// <summary>
/// The heap of the GC against its hard limit. Used is what it has committed by the end of its last collection: that is what
/// the GC holds against the limit, and with 96 MiB of it a list that grew for ever ended at 86 MiB of objects.
/// </summary>
/// <remarks>A heap that has not been collected yet has used nothing.</remarks>
/// <param name="limit">Bytes.</param>
internal sealed class GcHeap(long limit) : IMemoryUse
{
    public const string KeyOfSource = "gc";

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
        reading = new MemoryReading(GC.GetGCMemoryInfo(GCKind.Any).TotalCommittedBytes, limit);
        return true;
    }
}
