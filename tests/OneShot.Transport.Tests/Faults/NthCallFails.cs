using OneShot.Transport.Native;

namespace OneShot.Transport.Tests.Faults;

/// <summary>The n-th call of a kind fails, or does a single byte; the others are as they are.</summary>
internal sealed class NthCallFails(Fault fault, int n) : FaultPlan
{
    private int _calls;

    /// <summary>Whether there were so many.</summary>
    public bool HasFailed => Volatile.Read(ref _calls) >= n;

    public override int Decide(SystemCall call, ref nuint length)
    {
        if (call != fault.Call || Interlocked.Increment(ref _calls) != n)
        {
            return 0;
        }

        if (fault.IsShort)
        {
            length = Math.Min(length, 1);
        }

        return fault.Error;
    }
}
