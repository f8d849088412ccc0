using OneShot.Transport.Native;

namespace OneShot.Transport.Tests.Faults;

/// <summary>All calls of a kind fail.</summary>
internal sealed class CallsFail(Fault fault) : FaultPlan
{
    private int _calls;

    /// <summary>How many have.</summary>
    public int Calls => Volatile.Read(ref _calls);

    public override int Decide(SystemCall call, ref nuint length)
    {
        if (call != fault.Call)
        {
            return 0;
        }

        Interlocked.Increment(ref _calls);
        return fault.Error;
    }
}
