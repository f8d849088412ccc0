namespace OneShot;

/// <summary>
/// Lets a test fail the n-th of the operations that can fail: a call of the operating system, the growth of a list, an
/// object of the GC heap. Off unless the switch is set when the process starts; the JIT then takes the calls out.
/// </summary>
internal static class FaultInjection
{
    private static readonly bool s_isOn = AppContext.TryGetSwitch("OneShot.FaultInjection", out bool isOn) && isOn;

    [ThreadStatic]
    private static long s_countdown;

    /// <summary>Whether the system call that comes next is to be taken as refused.</summary>
    public static bool Refuses => s_isOn && IsNext();

    /// <summary>Stands before an allocation on the GC heap.</summary>
    /// <exception cref="OutOfMemoryException">It is the one that is to fail.</exception>
    public static void Allocation()
    {
        if (s_isOn && IsNext())
        {
#pragma warning disable CA2201 // It stands for the runtime's.
            throw new OutOfMemoryException("The GC heap has no room: a test wants it so.");
#pragma warning restore CA2201
        }
    }

    /// <summary>Fails the <paramref name="n"/>-th operation of this thread from here on, and no other.</summary>
    public static void FailAfter(long n) => s_countdown = n;

    /// <summary>Whether an operation has failed since.</summary>
    public static bool HasFailed => s_countdown < 0;

    /// <summary>Fails nothing more on this thread.</summary>
    /// <returns>Whether an operation has failed.</returns>
    public static bool Stop()
    {
        bool hasFailed = HasFailed;
        s_countdown = 0;
        return hasFailed;
    }

    private static bool IsNext()
    {
        if (s_countdown <= 0 || --s_countdown > 0)
        {
            return false;
        }

        s_countdown = -1;
        return true;
    }
}
