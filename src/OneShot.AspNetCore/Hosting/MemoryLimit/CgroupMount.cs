namespace OneShot.AspNetCore.Hosting.MemoryLimit;

/// <summary>One mount of a control group file system: what is mounted, and where (proc(5), <c>/proc/pid/mountinfo</c>).</summary>
internal readonly record struct CgroupMount(string Root, string Point)
{
    public const string Version1 = "cgroup";
    public const string Version2 = "cgroup2";

    /// <param name="mounts">The text of <c>/proc/self/mountinfo</c>, or null.</param>
    /// <param name="type">The type of the file system.</param>
    /// <param name="controller">The option that the mount must have; null for any.</param>
    public static CgroupMount? Find(string? mounts, string type, string? controller)
    {
        foreach (string line in CgroupHierarchy.Lines(mounts ?? ""))
        {
            // "36 35 98:0 ROOT POINT OPTIONS [FIELDS...] - TYPE SOURCE SUPER-OPTIONS"
            string[] fields = line.Split(' ');
            int dash = Array.IndexOf(fields, "-");
            if (dash >= 6 && fields.Length > dash + 3 && fields[dash + 1] == type
                && (controller is null || fields[dash + 3].Split(',').Contains(controller)))
            {
                return new CgroupMount(fields[3], fields[4].TrimEnd('/'));
            }
        }

        return null;
    }
}
