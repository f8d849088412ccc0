using System.Diagnostics;
using OneShot.Transport.Loops;

namespace OneShot.Transport.Native;

/// <summary>What the current thread has used so far: to be taken before a turn and looked at behind it, on the same thread.</summary>
/// <remarks>
/// Processor time is asked of the clock. getrusage(2) knows it as of the last tick, so that a turn would be charged up to 4 ms of what ran before.
/// </remarks>
internal readonly unsafe struct ThreadUsage
{
    private const int SizeOfUsage = 144; // struct rusage of 64-bit Linux, getrusage(2)
    private const int VoluntarySwitches = 16;
    private const int ThreadClock = 3; // CLOCK_THREAD_CPUTIME_ID, clock_gettime(2)

    private readonly long _timestamp;
    private readonly TimeSpan _processorTime;
    private readonly long _waits;

    private ThreadUsage(long timestamp, TimeSpan processorTime, long waits)
    {
        _timestamp = timestamp;
        _processorTime = processorTime;
        _waits = waits;
    }

    public static ThreadUsage Now()
    {
        long* usage = stackalloc long[SizeOfUsage / sizeof(long)];
        long waits = Libc.Usage(Libc.UsageOfThread, usage) == 0 ? usage[VoluntarySwitches] : -1;
        return new ThreadUsage(Stopwatch.GetTimestamp(), Libc.ProcessorTime(ThreadClock), waits);
    }

    /// <summary>What the turn was like that began here and is over. One that took long, but neither waited nor computed, was the system's.</summary>
    public TurnKind KindOfTurn(TimeSpan bound)
    {
        if (Stopwatch.GetElapsedTime(_timestamp) < bound)
        {
            return TurnKind.Quick;
        }

        ThreadUsage now = Now();
        return now._processorTime - _processorTime >= bound ? TurnKind.Computed
            : now._waits != _waits || now._waits < 0 ? TurnKind.Waited
            : TurnKind.Quick;
    }
}
