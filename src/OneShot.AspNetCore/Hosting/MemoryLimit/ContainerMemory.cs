using OneShot.AspNetCore.Restart;

namespace OneShot.AspNetCore.Hosting.MemoryLimit;

/// <summary>
/// The memory of the container this process runs in, against its limit: of all control groups on the way up, that which is nearest to its limit,
/// with what its members use together, since the kernel kills by the first that reaches its own. Where a group of version 2 has a <c>memory.high</c> below its
/// <c>memory.max</c>, that is the limit.
/// </summary>
/// <remarks>
/// <para>Used is what the kernel cannot take back: it kills when, at the limit, reclaim has found nothing more. So the page cache is left out (cgroup v2:
/// <c>memory.current</c> less <c>inactive_file</c>, <c>active_file</c> and <c>slab_reclaimable</c> of <c>memory.stat</c>; v1: <c>memory.usage_in_bytes</c> less
/// <c>total_inactive_file</c> and <c>total_active_file</c>; memory files, tmpfs, count among neither, and stay in). The kubelet's working set leaves active
/// file pages in. A file that is appended to, such as a log, becomes active with its second write, so that the working set of a healthy
/// service may stand at its limit for ever (kubernetes/kubernetes#43916): right for choosing whom to evict, wrong for a restart.</para>
/// <para>Swap is not counted: a process that would live on it is restarted before.</para>
/// <para>Version 1 counts the kernel's own memory, and cannot say what of that it would give back: names of files that were looked up once stay in. Switch the
/// source off (<see cref="MemoryLimitOptions.Container"/>) for a service that looks up millions of them there.</para>
/// <para>Any thread may read. Nothing is kept open, and limits are read each time: they may be changed while the process runs.</para>
/// </remarks>
internal sealed class ContainerMemory : IMemoryUse
{
    public const string KeyOfSource = "container";

    private static readonly byte[][] s_reclaimable2 = ["inactive_file"u8.ToArray(), "active_file"u8.ToArray(), "slab_reclaimable"u8.ToArray()];
    private static readonly byte[][] s_reclaimable1 = ["total_inactive_file"u8.ToArray(), "total_active_file"u8.ToArray()];
    private static readonly byte[] s_limitOfParents = "hierarchical_memory_limit"u8.ToArray();

    private readonly Group[] _groups;

    private ContainerMemory(Group[] groups) => _groups = groups;

    public string Key => KeyOfSource;

    public string Name => "container's memory";

    public string Remedies => "a larger memory limit, more replicas, or find what grows: the heap of the GC, the arena, or native memory.";

    /// <summary>Null where no control group limits this process now, or what it uses cannot be read. Never throws.</summary>
    /// <param name="root">What to take for the root of the file system.</param>
    public static ContainerMemory? Find(string root = "/")
    {
        ContainerMemory memory = new(Groups(root));
        return memory.TryRead(out MemoryReading reading) && reading.Limit != MemoryReading.NoLimit ? memory : null;
    }

    /// <summary>
    /// Bytes that this process may use beside what its container uses now: the least of all groups on the way up, which need not be that of the one nearest to its limit. 0 where
    /// one of them cannot be read; <see cref="MemoryReading.NoLimit"/> where nothing limits it. Never throws.
    /// </summary>
    /// <param name="share">Of each limit that may be used: from 0 to 1.</param>
    /// <param name="root">What to take for the root of the file system.</param>
    public static long Room(double share, string root = "/")
    {
        long room = MemoryReading.NoLimit;
        foreach (Group group in Groups(root))
        {
            if (!group.TryRead(out MemoryReading own))
            {
                return 0;
            }

            if (own.Limit != MemoryReading.NoLimit)
            {
                room = Math.Min(room, Math.Max(0, (long)(share * own.Limit) - own.Used));
            }
        }

        return room;
    }

    public bool TryRead(out MemoryReading reading)
    {
        reading = new MemoryReading(0, MemoryReading.NoLimit);
        foreach (Group group in _groups)
        {
            if (!group.TryRead(out MemoryReading own))
            {
                return false; // it may be the one that counts
            }

            if (own.Limit != MemoryReading.NoLimit && IsFuller(own, reading))
            {
                reading = own;
            }
        }

        return _groups.Length > 0;
    }

    /// <summary>Those that may limit this process, its own first; none where there are no control groups.</summary>
    private static Group[] Groups(string root)
    {
        if (CgroupFile.ReadText(root, "/proc/self/cgroup") is not { } membership)
        {
            return [];
        }

        List<Group> groups = [];
        foreach (CgroupHierarchy hierarchy in CgroupHierarchy.Find(membership, CgroupFile.ReadText(root, "/proc/self/mountinfo")))
        {
            foreach ((int height, string folder) in hierarchy.Folders().Index())
            {
                Group group = new(Path.Combine(root, folder.TrimStart('/')), hierarchy, isOwn: height == 0);
                if (File.Exists(group.LimitFile))
                {
                    groups.Add(group);
                }
            }
        }

        return [.. groups];
    }

    private static bool IsFuller(MemoryReading one, MemoryReading other) =>
        other.Limit == MemoryReading.NoLimit || (Int128)one.Used * other.Limit > (Int128)other.Used * one.Limit;

    private sealed class Group(string folder, CgroupHierarchy hierarchy, bool isOwn)
    {
        private readonly string _usage = Path.Combine(folder, hierarchy.UsageFile);
        private readonly string _statistics = Path.Combine(folder, "memory.stat");
        private readonly string _throttle = Path.Combine(folder, "memory.high");

        public string LimitFile { get; } = Path.Combine(folder, hierarchy.File);

        public bool TryRead(out MemoryReading reading)
        {
            reading = new MemoryReading(0, MemoryReading.NoLimit);
            if (!TryLimit(out long? limit))
            {
                return false;
            }

            if (limit is null)
            {
                return true;
            }

            reading = new MemoryReading(Used() ?? -1, limit.Value);
            return reading.Used >= 0;
        }

        private bool TryLimit(out long? limit)
        {
            if (!CgroupFile.TryNumber(LimitFile, out limit))
            {
                return false;
            }

            limit = limit is { } number && ContainerMemoryLimit.IsLimit(number) ? number : null;
            if (hierarchy.IsVersion2)
            {
                // From here on the kernel lets nobody allocate at any speed worth the name: a process that hangs there is no better than one that was killed.
                if (CgroupFile.TryNumber(_throttle, out long? high) && high is { } throttled && !(throttled >= limit))
                {
                    limit = throttled;
                }
            }
            else if (isOwn)
            {
                // Version 1 tells of a parent's limit also where the parent is out of sight, as from within a container.
                Span<long> parents = [0];
                if (CgroupFile.TryReadFields(_statistics, [s_limitOfParents], parents) && ContainerMemoryLimit.IsLimit(parents[0]) && !(parents[0] >= limit))
                {
                    limit = parents[0];
                }
            }

            return true;
        }

        private long? Used()
        {
            byte[][] names = hierarchy.IsVersion2 ? s_reclaimable2 : s_reclaimable1;
            Span<long> reclaimable = stackalloc long[names.Length];
            if (!CgroupFile.TryNumber(_usage, out long? usage) || usage is not { } used || !CgroupFile.TryReadFields(_statistics, names, reclaimable))
            {
                return null;
            }

            foreach (long bytes in reclaimable)
            {
                used -= bytes;
            }

            return Math.Max(used, 0); // the two files are of two moments
        }
    }
}
