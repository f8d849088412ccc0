namespace OneShot.Transport.Tests.Servers;

/// <summary>The sockets that this process has open.</summary>
internal static class OpenSockets
{
    public static int Count()
    {
        int count = 0;
        foreach (string path in Directory.EnumerateFileSystemEntries("/proc/self/fd"))
        {
            try
            {
                if (new FileInfo(path).LinkTarget?.StartsWith("socket:", StringComparison.Ordinal) == true)
                {
                    count++;
                }
            }
            catch (IOException)
            {
                // closed meanwhile
            }
        }

        return count;
    }
}
