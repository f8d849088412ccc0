using OneShot.Transport.Native;

namespace OneShot.Transport.Tests.Faults;

/// <summary>Has no call fail, and counts those that send.</summary>
internal sealed class SendCounter : FaultPlan
{
    private int _count;

    public int Count => Volatile.Read(ref _count);

    public override int Decide(SystemCall call, ref nuint length)
    {
        if (call is SystemCall.Send or SystemCall.SendMessage)
        {
            Interlocked.Increment(ref _count);
        }

        return 0;
    }
}
