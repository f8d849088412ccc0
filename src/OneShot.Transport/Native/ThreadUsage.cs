using System.Diagnostics;
using OneShot.Transport.Loops;

namespace OneShot.Transport.Native;

/// <summary>What the current thread has used so far: to be taken before a turn and looked at behind it, on the same thread.</summary>
internal readonly unsafe struct ThreadUsage
{
    private const int SizeOfUsage = 144; // struct rusage of 64-bit Linux, getrusage(2)
    private const int UserSeconds = 0;
    private const int SystemSeconds = 2;
    private const int VoluntarySwitches = 16;

    private readonly long _timestamp;
    private readonly long _microseconds;
    private readonly long _waits;

    private ThreadUsage(long timestamp, long microseconds, long waits)
    {
        _timestamp = timestamp;
        _microseconds = microseconds;
        _waits = waits;
    }

    public static ThreadUsage Now()
    {
        long* usage = stackalloc long[SizeOfUsage / sizeof(long)];
        return Libc.Usage(Libc.UsageOfThread, usage) == 0
            ? new ThreadUsage(Stopwatch.GetTimestamp(), MicrosecondsAt(usage + UserSeconds) + MicrosecondsAt(usage + SystemSeconds), usage[VoluntarySwitches])
            : new ThreadUsage(Stopwatch.GetTimestamp(), 0, -1);
    }

    /// <summary>What the turn was like that began here and is over. One that took long, but neither waited nor computed, was the system's.</summary>
    public TurnKind KindOfTurn(TimeSpan bound)
    {
        if (Stopwatch.GetElapsedTime(_timestamp) < bound)
        {
            return TurnKind.Quick;
        }

        ThreadUsage now = Now();
        return TimeSpan.FromMicroseconds(now._microseconds - _microseconds) >= bound ? TurnKind.Computed
            : now._waits != _waits || now._waits < 0 ? TurnKind.Waited
            : TurnKind.Quick;
    }

    private static long MicrosecondsAt(long* time) => (time[0] * 1_000_000) + time[1];
}
