namespace OneShot.AspNetCore.Hosting.MemoryLimit;

/// <summary>
/// Where the memory limits of this process stand in the file system: in <paramref name="File"/> of its own control group and of
/// every group above it (cgroups(7)).
/// </summary>
internal sealed record CgroupHierarchy(string MountPoint, string Path, string File)
{
    private const string FileV1 = "memory.limit_in_bytes";
    private const string FileV2 = "memory.max";

    /// <summary>The hierarchies that may limit memory: that of version 2, that of version 1, or on a hybrid system both.</summary>
    /// <param name="membership">The text of <c>/proc/self/cgroup</c>.</param>
    /// <param name="mounts">The text of <c>/proc/self/mountinfo</c>; without it, the usual mount points hold.</param>
    public static IEnumerable<CgroupHierarchy> Find(string membership, string? mounts)
    {
        foreach (string line in Lines(membership))
        {
            // "0::/path" in version 2, "4:memory:/path" or "5:cpu,memory:/path" in version 1.
            string[] fields = line.Split(':', 3);
            if (fields is ["0", "", var path])
            {
                yield return Make(path, CgroupMount.Find(mounts, CgroupMount.Version2, controller: null), "/sys/fs/cgroup", FileV2);
            }
            else if (fields is [_, var controllers, var pathV1] && controllers.Split(',').Contains("memory"))
            {
                yield return Make(pathV1, CgroupMount.Find(mounts, CgroupMount.Version1, "memory"), "/sys/fs/cgroup/memory", FileV1);
            }
        }
    }

    /// <summary>Of the two versions of control groups, the newer one.</summary>
    public bool IsVersion2 => File == FileV2;

    /// <summary>What all members of a group use together, page cache and all.</summary>
    public string UsageFile => IsVersion2 ? "memory.current" : "memory.usage_in_bytes";

    /// <summary>The files to read, that of the own group first.</summary>
    public IEnumerable<string> Files() => Folders().Select(folder => $"{folder}/{File}");

    /// <summary>The groups, the own one first.</summary>
    public IEnumerable<string> Folders()
    {
        string path = Path;
        while (true)
        {
            yield return MountPoint + path;
            if (path.Length == 0)
            {
                yield break;
            }

            path = path[..path.LastIndexOf('/')];
        }
    }

    internal static IEnumerable<string> Lines(string text) => text.Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);

    private static CgroupHierarchy Make(string path, CgroupMount? mount, string usual, string file) =>
        mount is { } found
            ? new CgroupHierarchy(found.Point, Below(found.Root, path), file)
            : new CgroupHierarchy(usual, Below("/", path), file);

    /// <summary>
    /// The group's path below the mount point. A container sees its own group as the root of the mount, under whichever name
    /// the group has outside; then, as for a path that leads out of the mount, the mount point itself is the place to look.
    /// </summary>
    private static string Below(string root, string path)
    {
        path = path.TrimEnd('/');
        root = root.TrimEnd('/');
        bool isBelow = path.StartsWith(root, StringComparison.Ordinal) && (path.Length == root.Length || path[root.Length] == '/');
        return isBelow && !path.Contains("/..", StringComparison.Ordinal) ? path[root.Length..] : "";
    }
}
