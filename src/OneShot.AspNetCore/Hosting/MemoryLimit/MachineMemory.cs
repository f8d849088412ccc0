using System.Globalization;

namespace OneShot.AspNetCore.Hosting.MemoryLimit;

/// <summary>The memory of the machine (proc_meminfo(5)).</summary>
internal static class MachineMemory
{
    private const string File = "/proc/meminfo";

    /// <summary>One part of so many is for what else runs there.</summary>
    private const int Reserve = 20;

    /// <summary>Bytes that a program may yet take without swapping, less a reserve; 0 where that cannot be read. Never throws.</summary>
    /// <param name="root">What to take for the root of the file system.</param>
    public static long Room(string root = "/") =>
        CgroupFile.ReadText(root, File) is { } text && Field(text, "MemTotal:") is { } total && Field(text, "MemAvailable:") is { } available
            ? Math.Max(0, available - (total / Reserve))
            : 0;

    /// <summary>A line is <c>MemAvailable:   16309660 kB</c>.</summary>
    private static long? Field(string text, string name)
    {
        foreach (ReadOnlySpan<char> line in text.AsSpan().EnumerateLines())
        {
            if (line.StartsWith(name, StringComparison.Ordinal) && line.EndsWith(" kB", StringComparison.Ordinal)
                && long.TryParse(line[name.Length..^3].Trim(), NumberStyles.None, CultureInfo.InvariantCulture, out long kibibytes) && kibibytes <= long.MaxValue >> 10)
            {
                return kibibytes << 10;
            }
        }

        return null;
    }
}
