using OneShot.Transport.Native;

namespace OneShot.Transport.Tests.Faults;

/// <summary>
/// Calls take their time, so that threads meet where they hardly ever do and loops are taken over anywhere; some do less than they
/// could, some fail. Which do is a matter of the seed and of the order of calls.
/// </summary>
internal sealed class Disorder(int seed) : FaultPlan
{
    private static readonly int[] s_failures = [Errno.ConnectionReset, Errno.BrokenPipe, Errno.TimedOut, Errno.NoBufferSpace, Errno.OutOfMemory];

    private long _state = seed;

    public override int Decide(SystemCall call, ref nuint length)
    {
        uint number = Next();
        Pause(number & 0xFF);
        uint fault = (number >> 8) % 1000;
        if (call is SystemCall.EpollWait)
        {
            return fault < 50 ? Errno.Interrupted : 0;
        }

        if (call is not (SystemCall.Receive or SystemCall.Send or SystemCall.SendMessage))
        {
            return 0;
        }

        switch (fault)
        {
            case < 50:
                return Errno.Interrupted;
            case < 100:
                return Errno.Again;
            case < 200:
                length = Math.Min(length, 1 + ((number >> 20) & 0xFF));
                return 0;
            case < 205:
                return s_failures[(number >> 20) % s_failures.Length];
            default:
                return 0;
        }
    }

    private static void Pause(uint number)
    {
        switch (number)
        {
            case < 4:
                Thread.Sleep((int)number); // a loop changes hands after one to two milliseconds
                break;
            case < 16:
                Thread.Yield();
                break;
            case < 32:
                Thread.SpinWait((int)(number & 15) * 50);
                break;
        }
    }

    private uint Next()
    {
        ulong mixed = (ulong)Interlocked.Add(ref _state, unchecked((long)0x9E3779B97F4A7C15)); // SplitMix64
        mixed = (mixed ^ (mixed >> 30)) * 0xBF58476D1CE4E5B9;
        mixed = (mixed ^ (mixed >> 27)) * 0x94D049BB133111EB;
        return (uint)((mixed ^ (mixed >> 31)) >> 32);
    }
}
