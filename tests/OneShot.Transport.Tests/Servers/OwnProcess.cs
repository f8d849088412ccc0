namespace OneShot.Transport.Tests.Servers;

/// <summary>What this process has, as the system sees it. proc(5)</summary>
internal static class OwnProcess
{
    /// <summary>The sockets that are open.</summary>
    public static int Sockets() => Count("/proc/self/fd", path => new FileInfo(path).LinkTarget?.StartsWith("socket:", StringComparison.Ordinal) == true);

    /// <summary>The threads that run loops, or wait to.</summary>
    public static int LoopThreads() =>
        Count("/proc/self/task", path => File.ReadAllText(Path.Combine(path, "comm")).StartsWith("OneShot loop", StringComparison.Ordinal));

    private static int Count(string directory, Func<string, bool> isCounted)
    {
        int count = 0;
        foreach (string path in Directory.EnumerateFileSystemEntries(directory))
        {
            try
            {
                count += isCounted(path) ? 1 : 0;
            }
            catch (IOException)
            {
                // gone meanwhile
            }
        }

        return count;
    }
}
