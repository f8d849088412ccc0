namespace OneShot.AspNetCore.Hosting.MemoryLimit;

/// <summary>The memory limit of the container this process runs in, from control groups of version 1 or 2.</summary>
internal static class ContainerMemoryLimit
{
    /// <summary>Version 1 writes "none" as the largest multiple of the page size below 2^63; no machine has 2^60 bytes.</summary>
    private const long NoLimitFrom = 1L << 60;

    /// <summary>The lowest limit on the way up from the own group; null where there is none or none can be read. Never throws.</summary>
    /// <param name="root">What to take for the root of the file system.</param>
    public static long? Read(string root = "/")
    {
        if (CgroupFile.ReadText(root, "/proc/self/cgroup") is not { } membership)
        {
            return null; // not Linux, or no control groups in this kernel
        }

        long? lowest = null;
        foreach (CgroupHierarchy hierarchy in CgroupHierarchy.Find(membership, CgroupFile.ReadText(root, "/proc/self/mountinfo")))
        {
            foreach (string file in hierarchy.Files())
            {
                if (CgroupFile.TryNumber(Path.Combine(root, file.TrimStart('/')), out long? number) && number is { } limit && IsLimit(limit) && !(limit > lowest))
                {
                    lowest = limit;
                }
            }
        }

        return lowest;
    }

    /// <summary>Whether a number of bytes is a limit, and no way to say none, as 0 is.</summary>
    internal static bool IsLimit(long bytes) => bytes is > 0 and < NoLimitFrom;
}
