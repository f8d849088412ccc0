namespace OneShot.AspNetCore.Hosting.MemoryLimit;

/// <summary>How large the heap of the GC may grow.</summary>
/// <param name="Bytes">The hard limit, by default three quarters of the container's memory limit; without any, the machine's memory.</param>
/// <param name="IsFixed">Set as a number of bytes; else it follows the container's limit.</param>
internal readonly record struct GcHeapLimit(long Bytes, bool IsFixed)
{
    public static GcHeapLimit Read()
    {
        bool isFixed = AppContext.GetData("System.GC.HeapHardLimit") is not null
            || Environment.GetEnvironmentVariable("DOTNET_GCHeapHardLimit") is { Length: > 0 };
        return new GcHeapLimit(GC.GetGCMemoryInfo().TotalAvailableMemoryBytes, isFixed);
    }
}
