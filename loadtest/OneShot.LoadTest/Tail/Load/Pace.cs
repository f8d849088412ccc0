using System.Runtime.InteropServices;

namespace OneShot.LoadTest.Tail.Load;

/// <summary>Sleeps for less than the millisecond that <see cref="Thread.Sleep(TimeSpan)"/> counts in, without keeping a core busy.</summary>
internal static partial class Pace
{
    /// <summary>Linux wakes a thread up to 50 µs late (timer slack, prctl(2)); elsewhere it is a millisecond, or what the system counts in.</summary>
    public static void Sleep(TimeSpan time)
    {
        if (time <= TimeSpan.Zero)
        {
            return;
        }

        if (!OperatingSystem.IsLinux())
        {
            Thread.Sleep(TimeSpan.FromMilliseconds(Math.Ceiling(time.TotalMilliseconds)));
            return;
        }

        Timespec wanted = new() { Seconds = (nint)(time.Ticks / TimeSpan.TicksPerSecond), Nanoseconds = (nint)(time.Ticks % TimeSpan.TicksPerSecond * TimeSpan.NanosecondsPerTick) };
        // A signal may end it early: the caller looks at the clock again.
        _ = Nanosleep(wanted, 0);
    }

    [LibraryImport("libc", EntryPoint = "nanosleep")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int Nanosleep(in Timespec wanted, nint remaining);

    /// <summary>struct timespec; both fields are long, which is as wide as a pointer on Linux.</summary>
    [StructLayout(LayoutKind.Sequential)]
    private struct Timespec
    {
        public nint Seconds;
        public nint Nanoseconds;
    }
}
