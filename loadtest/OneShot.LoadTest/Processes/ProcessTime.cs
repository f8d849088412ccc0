using System.Globalization;

namespace OneShot.LoadTest.Processes;

/// <summary>The processor time of a process that tells nothing itself, from <c>/proc/PID/stat</c>.</summary>
internal static class ProcessTime
{
    /// <summary>USER_HZ, which is 100 on every system that .NET runs on (proc_pid_stat(5), sysconf(3)).</summary>
    private const int TicksPerSecond = 100;

    // Fields 14 and 15 of the line; the first behind the name is field 3.
    private const int User = 14 - 3;
    private const int System = 15 - 3;

    /// <exception cref="LoadTestException">There is no such process.</exception>
    public static TimeSpan Of(int process)
    {
        try
        {
            return Parse(File.ReadAllText(string.Create(CultureInfo.InvariantCulture, $"/proc/{process}/stat")));
        }
        catch (IOException exception)
        {
            throw new LoadTestException($"The processor time of process {process} cannot be read: {exception.Message}");
        }
    }

    /// <summary>User and system time. The name, in parentheses, may hold anything, parentheses included.</summary>
    public static TimeSpan Parse(string stat)
    {
        string[] fields = stat[(stat.LastIndexOf(')') + 2)..].Split(' ');
        return TimeSpan.FromSeconds((double)(Ticks(fields[User]) + Ticks(fields[System])) / TicksPerSecond);
    }

    private static long Ticks(string field) => long.Parse(field, CultureInfo.InvariantCulture);
}
