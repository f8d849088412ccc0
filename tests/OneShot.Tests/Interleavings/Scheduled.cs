#pragma warning disable CA1716, CA1822, CA1001, IDE0060 // They have the names and shapes of what they stand for.
namespace OneShot.Tests.Interleavings;

/// <summary>Stands for <see cref="Interlocked"/> in sources that are explored.</summary>
public static class ScheduledInterlocked
{
    public static int Increment(ref int location)
    {
        Explorer.Step();
        return ++location;
    }

    public static long Increment(ref long location)
    {
        Explorer.Step();
        return ++location;
    }

    public static int Decrement(ref int location)
    {
        Explorer.Step();
        return --location;
    }

    public static long Add(ref long location, long value)
    {
        Explorer.Step();
        return location += value;
    }

    public static T Exchange<T>(ref T location, T value)
    {
        Explorer.Step();
        T old = location;
        location = value;
        return old;
    }

    public static T CompareExchange<T>(ref T location, T value, T comparand)
    {
        Explorer.Step();
        T old = location;
        if (EqualityComparer<T>.Default.Equals(old, comparand))
        {
            location = value;
        }

        return old;
    }
}

/// <summary>Stands for <see cref="Volatile"/>.</summary>
public static class ScheduledVolatile
{
    public static T Read<T>(ref readonly T location)
    {
        Explorer.Step();
        return location;
    }

    public static void Write<T>(ref T location, T value)
    {
        Explorer.Step();
        location = value;
    }

    public static void WriteBarrier() => Explorer.Step();
}

/// <summary>Stands for <see cref="SpinWait"/>.</summary>
public struct ScheduledSpinWait
{
    public readonly void SpinOnce() => Explorer.Spin();

    public readonly void SpinOnce(int sleep1Threshold) => Explorer.Spin();
}

/// <summary>Stands for <see cref="Lock"/>, and for what <c>lock</c> does with any object.</summary>
public sealed class ScheduledLock
{
    private static readonly System.Runtime.CompilerServices.ConditionalWeakTable<object, ScheduledLock> s_locks = [];

    private bool _isHeld;
    private int _pulses;

    /// <summary>Enters; leaves at the end of a <c>using</c>.</summary>
    public static IDisposable Hold(object target)
    {
        ScheduledLock entered = Of(target);
        entered.Enter();
        return new Holding(entered);
    }

    public static ScheduledLock Of(object target) => target as ScheduledLock ?? s_locks.GetOrCreateValue(target);

    public void Enter()
    {
        Explorer.Step();
        Explorer.WaitUntil(() => !_isHeld);
        _isHeld = true;
    }

    public void Exit() => _isHeld = false;

    public void Pulse() => _pulses++;

    public void Wait()
    {
        int seen = _pulses;
        Exit();
        Explorer.WaitUntil(() => _pulses != seen && !_isHeld);
        _isHeld = true;
    }

    private sealed class Holding(ScheduledLock entered) : IDisposable
    {
        public void Dispose() => entered.Exit();
    }
}

/// <summary>Stands for <see cref="Monitor"/>.</summary>
public static class ScheduledMonitor
{
    public static void Pulse(object target) => ScheduledLock.Of(target).Pulse();

    public static void Wait(object target) => ScheduledLock.Of(target).Wait();
}

/// <summary>Stands for <see cref="Thread"/>.</summary>
public sealed class ScheduledThread(ThreadStart body)
{
    private Func<bool>? _hasEnded;

    public bool IsBackground { get; set; }

    public string? Name { get; set; }

    public void Start() => _hasEnded = Explorer.Current.Start(() => body());

    public void Join() => Explorer.WaitUntil(_hasEnded!);
}
