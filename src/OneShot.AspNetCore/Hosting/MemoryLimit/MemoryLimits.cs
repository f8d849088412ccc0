using OneShot.AspNetCore.Restart;

namespace OneShot.AspNetCore.Hosting.MemoryLimit;

/// <summary>What of this process has a limit by which it would end. One per process, from the container; a test has its own.</summary>
internal sealed class MemoryLimits(IReadOnlyList<IMemoryUse> memory)
{
    /// <param name="options">Which to look for.</param>
    public static MemoryLimits Find(MemoryLimitOptions options)
    {
        List<IMemoryUse> found = [];
        if (options.Container && ContainerMemory.Find() is { } container)
        {
            found.Add(container);
        }

        if (options.GcHeap && GcHeap.Find() is { } heap)
        {
            found.Add(heap);
        }

        return new MemoryLimits(found);
    }

    public IEnumerable<IMemorySource> Sources(FullCollection collection)
    {
        foreach (IMemoryUse use in memory)
        {
            if (use.TryRead(out MemoryReading reading))
            {
                yield return new LimitSource(use, reading, collection);
            }
        }
    }
}
