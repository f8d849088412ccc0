using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace OneShot.Transport.Native;

/// <summary>
/// Stands before every system call of the transport, and lets a test refuse it, have it do less than it was asked for, or take its
/// time. Knows of every descriptor that is opened and closed.
/// </summary>
/// <remarks>
/// Off unless the switch is set when the process starts. The value of a static readonly field is a constant to the JIT's optimizer,
/// which then takes all of this out: neither a Debug build nor a second implementation is needed for the tests.
/// </remarks>
internal abstract unsafe class SystemCallFaults
{
    public const string Switch = "OneShot.Transport.FaultInjection";

    private static readonly bool s_isOn = AppContext.TryGetSwitch(Switch, out bool isOn) && isOn;
    private static SystemCallFaults? s_current;

    /// <summary>What stands before the calls of all threads; null for nothing.</summary>
    public static SystemCallFaults? Current
    {
        get => Volatile.Read(ref s_current);
        set
        {
            if (!s_isOn)
            {
                throw new InvalidOperationException($"The switch {Switch} is off.");
            }

            Volatile.Write(ref s_current, value);
        }
    }

    /// <returns>True when the call is not to be made: errno is set.</returns>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static bool Refuse(SystemCall call, int descriptor = -1) => s_isOn && Refuse(Current, call, descriptor);

    /// <inheritdoc cref="Refuse(SystemCall, int)"/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static bool Refuse(SystemCall call, int descriptor, ref nuint length) => s_isOn && Refuse(Current, call, descriptor, ref length);

    /// <inheritdoc cref="Refuse(SystemCall, int)"/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static bool Refuse(SystemCall call, int descriptor, Libc.MessageHeader* message) => s_isOn && Refuse(Current, call, descriptor, message);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static int Opened(int descriptor)
    {
        if (s_isOn && descriptor >= 0)
        {
            Current?.OnOpened(descriptor);
        }

        return descriptor;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Watching(int epoll, int descriptor, byte* @event)
    {
        if (s_isOn)
        {
            Current?.OnWatching(epoll, descriptor, @event);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Closing(int descriptor)
    {
        if (s_isOn)
        {
            Current?.OnClosing(descriptor);
        }
    }

    /// <summary>A call is about to be made, on any thread.</summary>
    /// <param name="call">Which.</param>
    /// <param name="descriptor">On what; -1 where that is none of the transport's.</param>
    /// <param name="length">How many bytes at most; may be made less.</param>
    /// <returns>0, or the errno that it fails with.</returns>
    protected abstract int OnCall(SystemCall call, int descriptor, ref nuint length);

    protected abstract void OnOpened(int descriptor);

    /// <summary>A descriptor is about to be registered, with this event.</summary>
    protected abstract void OnWatching(int epoll, int descriptor, byte* @event);

    /// <summary>Before the call: right after it the number may be another's.</summary>
    protected abstract void OnClosing(int descriptor);

    private static bool Refuse(SystemCallFaults? faults, SystemCall call, int descriptor)
    {
        nuint length = 0;
        return Refuse(faults, call, descriptor, ref length);
    }

    private static bool Refuse(SystemCallFaults? faults, SystemCall call, int descriptor, ref nuint length)
    {
        int error = faults?.OnCall(call, descriptor, ref length) ?? 0;
        Marshal.SetLastPInvokeError(error);
        return error != 0;
    }

    private static bool Refuse(SystemCallFaults? faults, SystemCall call, int descriptor, Libc.MessageHeader* message)
    {
        nuint length = 0;
        for (nuint i = 0; i < message->VectorCount; i++)
        {
            length += message->Vectors[i].Length;
        }

        nuint all = length;
        bool isRefused = Refuse(faults, call, descriptor, ref length);
        if (length < all)
        {
            message->VectorCount = 1;
            message->Vectors[0].Length = Math.Min(message->Vectors[0].Length, length);
        }

        return isRefused;
    }
}
