using System.Runtime.InteropServices;

namespace OneShot.Transport.Native;

/// <summary>What epoll says of a descriptor. epoll_ctl(2)</summary>
[Flags]
internal enum EpollEvents : uint
{
    None = 0,
    Readable = 0x001, // EPOLLIN
    Urgent = 0x002, // EPOLLPRI
    Writable = 0x004, // EPOLLOUT
    Error = 0x008, // EPOLLERR
    HangUp = 0x010, // EPOLLHUP
    PeerClosed = 0x2000, // EPOLLRDHUP
    EdgeTriggered = 1u << 31, // EPOLLET
}

/// <summary>
/// The kernel's <c>struct epoll_event</c>: 12 bytes on x64, where the kernel packs it so that 32-bit programs have the same one, and
/// 16 with padding everywhere else.
/// </summary>
internal static class EpollEvent
{
    /// <summary>Bytes from one event to the next.</summary>
    public static int Size { get; } = SizeOn(RuntimeInformation.ProcessArchitecture);

    /// <summary>Where the 64 bits of user data are in it.</summary>
    public static int DataOffset { get; } = Size - sizeof(ulong);

    internal static int SizeOn(Architecture architecture) => architecture is Architecture.X64 ? 12 : 16;

    public static unsafe void Write(byte* to, EpollEvents events, ulong data)
    {
        *(uint*)to = (uint)events;
        *(ulong*)(to + DataOffset) = data;
    }

    public static unsafe EpollEvents EventsOf(byte* from) => (EpollEvents)(*(uint*)from);

    public static unsafe ulong DataOf(byte* from) => *(ulong*)(from + DataOffset);
}
