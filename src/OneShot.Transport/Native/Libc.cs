using System.Runtime.InteropServices;

namespace OneShot.Transport.Native;

/// <summary>
/// The system calls of the transport. All return -1 and set errno on failure; <see cref="Marshal.GetLastPInvokeError"/> has it.
/// </summary>
/// <remarks>
/// <para>Before each stands <see cref="SystemCallFaults"/>, for tests; outside of them it is not there.</para>
/// <para>None of them suppresses the GC transition: <c>epoll_wait</c> blocks, and a <c>send</c> on a local address does the receiver's work as
/// well, tens of microseconds for which a collection would have to wait. The transition costs a few nanoseconds of microseconds.</para>
/// </remarks>
internal static unsafe partial class Libc
{
    public const int EpollCloseOnExec = 0x80000;
    public const int EpollAdd = 1;
    public const int EpollModify = 3;
    public const int AcceptNonBlocking = 0x800;
    public const int AcceptCloseOnExec = 0x80000;
    public const int EventNonBlocking = 0x800;
    public const int EventCloseOnExec = 0x80000;
    public const int DuplicateCloseOnExec = 1030; // F_DUPFD_CLOEXEC
    public const int MessageNoSignal = 0x4000;
    public const int ShutdownBoth = 2;
    public const int SocketLevel = 1; // SOL_SOCKET
    public const int Linger = 13; // SO_LINGER
    public const int TcpLevel = 6; // IPPROTO_TCP
    public const int TcpNoDelay = 1; // TCP_NODELAY
    public const int UsageOfThread = 1; // RUSAGE_THREAD

    /// <summary>epoll_create1(2)</summary>
    public static int EpollCreate(int flags) =>
        SystemCallFaults.Refuse(SystemCall.EpollCreate) ? -1 : SystemCallFaults.Opened(Raw.EpollCreate(flags));

    /// <summary>eventfd(2)</summary>
    public static int EventDescriptor(uint value, int flags) =>
        SystemCallFaults.Refuse(SystemCall.EventDescriptor) ? -1 : SystemCallFaults.Opened(Raw.EventDescriptor(value, flags));

    /// <summary>accept4(2)</summary>
    public static int Accept(int descriptor, byte* address, int* length, int flags) =>
        SystemCallFaults.Refuse(SystemCall.Accept, descriptor) ? -1 : SystemCallFaults.Opened(Raw.Accept(descriptor, address, length, flags));

    /// <summary>Whether a descriptor stays open in a program that is executed: fcntl(2), <c>F_GETFD</c>.</summary>
    public static bool IsInherited(int descriptor) => (Raw.Duplicate(descriptor, command: 1, 0) & 1) == 0; // FD_CLOEXEC

    /// <summary>fcntl(2) with F_DUPFD_CLOEXEC: another number for the same, not below <paramref name="least"/>.</summary>
    public static int Duplicate(int descriptor, int command, int least) =>
        SystemCallFaults.Refuse(SystemCall.Duplicate) ? -1 : SystemCallFaults.Opened(Raw.Duplicate(descriptor, command, least)); // not of our own

    /// <summary>epoll_ctl(2)</summary>
    public static int EpollControl(int epoll, int operation, int descriptor, byte* @event)
    {
        SystemCallFaults.Watching(epoll, descriptor, @event);
        return SystemCallFaults.Refuse(SystemCall.EpollControl, descriptor) ? -1 : Raw.EpollControl(epoll, operation, descriptor, @event);
    }

    /// <summary>epoll_wait(2); a time-out of -1 waits for ever.</summary>
    public static int EpollWait(int epoll, byte* events, int maximum, int milliseconds) =>
        SystemCallFaults.Refuse(SystemCall.EpollWait, epoll) ? -1 : Raw.EpollWait(epoll, events, maximum, milliseconds);

    /// <summary>write(2)</summary>
    public static nint Write(int descriptor, void* bytes, nuint length) =>
        SystemCallFaults.Refuse(SystemCall.Write, descriptor) ? -1 : Raw.Write(descriptor, bytes, length);

    /// <summary>getsockname(2)</summary>
    public static int LocalName(int descriptor, byte* address, int* length) =>
        SystemCallFaults.Refuse(SystemCall.LocalName, descriptor) ? -1 : Raw.LocalName(descriptor, address, length);

    /// <summary>setsockopt(2)</summary>
    public static int SetOption(int descriptor, int level, int name, void* value, int length) =>
        SystemCallFaults.Refuse(SystemCall.SetOption, descriptor) ? -1 : Raw.SetOption(descriptor, level, name, value, length);

    /// <summary>recv(2)</summary>
    public static nint Receive(int descriptor, byte* buffer, nuint length, int flags) =>
        SystemCallFaults.Refuse(SystemCall.Receive, descriptor, ref length) ? -1 : Raw.Receive(descriptor, buffer, length, flags);

    /// <summary>sendmsg(2)</summary>
    public static nint SendMessage(int descriptor, MessageHeader* message, int flags) =>
        SystemCallFaults.Refuse(SystemCall.SendMessage, descriptor, message) ? -1 : Raw.SendMessage(descriptor, message, flags);

    /// <summary>send(2)</summary>
    public static nint Send(int descriptor, byte* buffer, nuint length, int flags) =>
        SystemCallFaults.Refuse(SystemCall.Send, descriptor, ref length) ? -1 : Raw.Send(descriptor, buffer, length, flags);

    /// <summary>clock_gettime(2), of a clock that counts processor time; zero where it does not run.</summary>
    public static TimeSpan ProcessorTime(int clock)
    {
        long* now = stackalloc long[2];
        return ClockTime(clock, now) == 0 ? TimeSpan.FromSeconds(now[0]) + TimeSpan.FromTicks(now[1] / TimeSpan.NanosecondsPerTick) : default;
    }

    /// <summary>clock_gettime(2): seconds and nanoseconds. Has no descriptor, and who asks does without an answer: no fault stands before it.</summary>
    [LibraryImport("libc", EntryPoint = "clock_gettime", SetLastError = true)]
    private static partial int ClockTime(int clock, long* now);

    /// <summary>getrusage(2); as <see cref="ProcessorTime"/>.</summary>
    [LibraryImport("libc", EntryPoint = "getrusage", SetLastError = true)]
    public static partial int Usage(int who, long* usage);

    /// <summary>shutdown(2)</summary>
    public static int Shutdown(int descriptor, int how) =>
        SystemCallFaults.Refuse(SystemCall.Shutdown, descriptor) ? -1 : Raw.Shutdown(descriptor, how);

    /// <summary>close(2): whatever it returns, the descriptor is gone.</summary>
    public static int Close(int descriptor)
    {
        SystemCallFaults.Closing(descriptor);
        return Raw.Close(descriptor);
    }

    /// <summary><c>struct iovec</c>, readv(2).</summary>
    [StructLayout(LayoutKind.Sequential)]
    public struct IoVector
    {
        public byte* Base;
        public nuint Length;
    }

    /// <summary><c>struct msghdr</c> of 64-bit Linux, sendmsg(2).</summary>
    [StructLayout(LayoutKind.Sequential)]
    public struct MessageHeader
    {
        public void* Name;
        public uint NameLength;
        public IoVector* Vectors;
        public nuint VectorCount;
        public void* Control;
        public nuint ControlLength;
        public int Flags;
    }

    /// <summary><c>struct linger</c>, socket(7).</summary>
    [StructLayout(LayoutKind.Sequential)]
    public struct LingerOption
    {
        public int IsOn;
        public int Seconds;
    }

    /// <summary>The calls themselves.</summary>
    public static partial class Raw
    {
        [LibraryImport("libc", EntryPoint = "epoll_create1", SetLastError = true)]
        public static partial int EpollCreate(int flags);

        [LibraryImport("libc", EntryPoint = "eventfd", SetLastError = true)]
        public static partial int EventDescriptor(uint value, int flags);

        [LibraryImport("libc", EntryPoint = "accept4", SetLastError = true)]
        public static partial int Accept(int descriptor, byte* address, int* length, int flags);

        [LibraryImport("libc", EntryPoint = "fcntl", SetLastError = true)]
        public static partial int Duplicate(int descriptor, int command, int least);

        [LibraryImport("libc", EntryPoint = "epoll_ctl", SetLastError = true)]
        public static partial int EpollControl(int epoll, int operation, int descriptor, byte* @event);

        [LibraryImport("libc", EntryPoint = "epoll_wait", SetLastError = true)]
        public static partial int EpollWait(int epoll, byte* events, int maximum, int milliseconds);

        [LibraryImport("libc", EntryPoint = "write", SetLastError = true)]
        public static partial nint Write(int descriptor, void* bytes, nuint length);

        [LibraryImport("libc", EntryPoint = "getsockname", SetLastError = true)]
        public static partial int LocalName(int descriptor, byte* address, int* length);

        [LibraryImport("libc", EntryPoint = "setsockopt", SetLastError = true)]
        public static partial int SetOption(int descriptor, int level, int name, void* value, int length);

        [LibraryImport("libc", EntryPoint = "recv", SetLastError = true)]
        public static partial nint Receive(int descriptor, byte* buffer, nuint length, int flags);

        [LibraryImport("libc", EntryPoint = "sendmsg", SetLastError = true)]
        public static partial nint SendMessage(int descriptor, MessageHeader* message, int flags);

        [LibraryImport("libc", EntryPoint = "send", SetLastError = true)]
        public static partial nint Send(int descriptor, byte* buffer, nuint length, int flags);

        [LibraryImport("libc", EntryPoint = "shutdown", SetLastError = true)]
        public static partial int Shutdown(int descriptor, int how);

        [LibraryImport("libc", EntryPoint = "close", SetLastError = true)]
        public static partial int Close(int descriptor);
    }
}
