using System.Globalization;

namespace OneShot.LoadTest.Drill.Supervision;

/// <summary>A control group with a memory limit, as an engine makes one for a container: version 2 where it has the memory controller, else version 1. The test kit compiles this file too.</summary>
internal sealed class MemoryCgroup : IDisposable
{
    private const string Root = "/sys/fs/cgroup";

    private readonly string _folder;
    private readonly bool _isVersion2;

    private MemoryCgroup(string folder, bool isVersion2) => (_folder, _isVersion2) = (folder, isVersion2);

    /// <summary>How many of its processes the kernel has killed for want of memory.</summary>
    public long OomKills => long.Parse(
        File.ReadLines($"{_folder}/{(_isVersion2 ? "memory.events" : "memory.oom_control")}").Single(line => line.StartsWith("oom_kill ", StringComparison.Ordinal)).Split(' ')[1],
        CultureInfo.InvariantCulture);

    /// <param name="limit">Bytes, of all that runs in it.</param>
    /// <exception cref="NotSupportedException">This process may not make one.</exception>
    public static MemoryCgroup Create(long limit)
    {
        bool isVersion2 = File.Exists($"{Root}/cgroup.subtree_control") && File.ReadAllText($"{Root}/cgroup.subtree_control").Split().Contains("memory");
        string folder = $"{Root}/{(isVersion2 ? "" : "memory/")}oneshot-{Guid.NewGuid():N}";
        MemoryCgroup made = new(folder, isVersion2);
        try
        {
            Directory.CreateDirectory(folder);
            File.WriteAllText($"{folder}/{(isVersion2 ? "memory.max" : "memory.limit_in_bytes")}", limit.ToString(CultureInfo.InvariantCulture));
            return made;
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            made.Dispose();
            throw new NotSupportedException($"No control group with the memory controller can be made here, which takes root and a writable {Root}: {exception.Message}", exception);
        }
    }

    /// <summary>What runs a command in it: a shell enters the group, and becomes the program, with the same process id.</summary>
    public (string File, string[] Arguments) Enter(IEnumerable<string> command) =>
        ("sh", ["-c", """echo $$ > "$0/cgroup.procs" && exec "$@" """, _folder, .. command]);

    public void Dispose()
    {
        // Empty once the last process in it is reaped; until then the kernel refuses.
        for (int tries = 0; Directory.Exists(_folder) && tries < 100; tries++)
        {
            try
            {
                Directory.Delete(_folder);
            }
            catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
            {
                Thread.Sleep(10); // there is nothing to be told by
            }
        }
    }
}
