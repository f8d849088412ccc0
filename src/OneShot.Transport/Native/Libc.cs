using System.Runtime.InteropServices;

namespace OneShot.Transport.Native;

/// <summary>
/// The system calls of the transport. All return -1 and set errno on failure; <see cref="Marshal.GetLastPInvokeError"/> has it.
/// </summary>
/// <remarks>
/// None of them suppresses the GC transition: <c>epoll_wait</c> blocks, and a <c>send</c> on a local address does the receiver's work as
/// well, tens of microseconds for which a collection would have to wait. The transition costs a few nanoseconds of microseconds.
/// </remarks>
internal static unsafe partial class Libc
{
    public const int EpollCloseOnExec = 0x80000;
    public const int EpollAdd = 1;
    public const int EpollDelete = 2;
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

    /// <summary>epoll_create1(2)</summary>
    [LibraryImport("libc", EntryPoint = "epoll_create1", SetLastError = true)]
    public static partial int EpollCreate(int flags);

    /// <summary>epoll_ctl(2)</summary>
    [LibraryImport("libc", EntryPoint = "epoll_ctl", SetLastError = true)]
    public static partial int EpollControl(int epoll, int operation, int descriptor, byte* @event);

    /// <summary>epoll_wait(2); a time-out of -1 waits for ever.</summary>
    [LibraryImport("libc", EntryPoint = "epoll_wait", SetLastError = true)]
    public static partial int EpollWait(int epoll, byte* events, int maximum, int milliseconds);

    /// <summary>eventfd(2)</summary>
    [LibraryImport("libc", EntryPoint = "eventfd", SetLastError = true)]
    public static partial int EventDescriptor(uint value, int flags);

    /// <summary>write(2)</summary>
    [LibraryImport("libc", EntryPoint = "write", SetLastError = true)]
    public static partial nint Write(int descriptor, void* bytes, nuint length);

    /// <summary>accept4(2)</summary>
    [LibraryImport("libc", EntryPoint = "accept4", SetLastError = true)]
    public static partial int Accept(int descriptor, byte* address, int* length, int flags);

    /// <summary>fcntl(2) with F_DUPFD_CLOEXEC: another number for the same, not below <paramref name="least"/>.</summary>
    [LibraryImport("libc", EntryPoint = "fcntl", SetLastError = true)]
    public static partial int Duplicate(int descriptor, int command, int least);

    /// <summary>getsockname(2)</summary>
    [LibraryImport("libc", EntryPoint = "getsockname", SetLastError = true)]
    public static partial int LocalName(int descriptor, byte* address, int* length);

    /// <summary>setsockopt(2)</summary>
    [LibraryImport("libc", EntryPoint = "setsockopt", SetLastError = true)]
    public static partial int SetOption(int descriptor, int level, int name, void* value, int length);

    /// <summary>recv(2)</summary>
    [LibraryImport("libc", EntryPoint = "recv", SetLastError = true)]
    public static partial nint Receive(int descriptor, byte* buffer, nuint length, int flags);

    /// <summary>sendmsg(2)</summary>
    [LibraryImport("libc", EntryPoint = "sendmsg", SetLastError = true)]
    public static partial nint SendMessage(int descriptor, MessageHeader* message, int flags);

    /// <summary>send(2)</summary>
    [LibraryImport("libc", EntryPoint = "send", SetLastError = true)]
    public static partial nint Send(int descriptor, byte* buffer, nuint length, int flags);

    /// <summary>shutdown(2)</summary>
    [LibraryImport("libc", EntryPoint = "shutdown", SetLastError = true)]
    public static partial int Shutdown(int descriptor, int how);

    /// <summary>close(2): whatever it returns, the descriptor is gone.</summary>
    [LibraryImport("libc", EntryPoint = "close", SetLastError = true)]
    public static partial int Close(int descriptor);

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
}
