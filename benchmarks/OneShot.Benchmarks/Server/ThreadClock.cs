using System.Diagnostics;
using System.Runtime.InteropServices;

namespace OneShot.Benchmarks.Server;

/// <summary>
/// The processor time of the calling thread, which does not run while others have the processor: on a shared machine the
/// wall's time says more about the neighbours. Where the system has no such clock, the wall's.
/// </summary>
internal static partial class ThreadClock
{
    private const int ThreadCpuTime = 3; // CLOCK_THREAD_CPUTIME_ID of Linux, clock_gettime(2)

    internal static double Nanoseconds
    {
        get
        {
            if (OperatingSystem.IsLinux() && GetTime(ThreadCpuTime, out TimeSpec time) == 0)
            {
                return (time.Seconds * 1e9) + time.Nanoseconds;
            }

            return Stopwatch.GetTimestamp() * (1e9 / Stopwatch.Frequency);
        }
    }

    [LibraryImport("libc", EntryPoint = "clock_gettime")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int GetTime(int clock, out TimeSpec time);

    private struct TimeSpec
    {
        public nint Seconds;
        public nint Nanoseconds;
    }
}
