namespace OneShot.Transport.Tests.Servers;

/// <summary>The threads of this process that run loops, or wait to.</summary>
internal static class ThreadsOfLoops
{
    public static int Count()
    {
        int count = 0;
        foreach (string task in Directory.EnumerateDirectories("/proc/self/task"))
        {
            try
            {
                count += File.ReadAllText(Path.Combine(task, "comm")).StartsWith("OneShot loop", StringComparison.Ordinal) ? 1 : 0;
            }
            catch (IOException)
            {
                // ended meanwhile
            }
        }

        return count;
    }
}
