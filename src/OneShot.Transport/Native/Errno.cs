using System.ComponentModel;

namespace OneShot.Transport.Native;

/// <summary>errno(3) of Linux: the values that the transport tells apart, equal on x64 and arm64.</summary>
internal static class Errno
{
    public const int Interrupted = 4; // EINTR
    public const int BadDescriptor = 9; // EBADF
    public const int Again = 11; // EAGAIN, EWOULDBLOCK
    public const int OutOfMemory = 12; // ENOMEM
    public const int Invalid = 22; // EINVAL
    public const int TooManyOpenFilesInSystem = 23; // ENFILE
    public const int TooManyOpenFiles = 24; // EMFILE
    public const int BrokenPipe = 32; // EPIPE
    public const int ProtocolError = 71; // EPROTO
    public const int NotSocket = 88; // ENOTSOCK
    public const int ConnectionAborted = 103; // ECONNABORTED
    public const int ConnectionReset = 104; // ECONNRESET
    public const int NoBufferSpace = 105; // ENOBUFS
    public const int NotConnected = 107; // ENOTCONN
    public const int TimedOut = 110; // ETIMEDOUT

    /// <summary>The peer is gone, in one of the ways a kernel says so.</summary>
    public static bool IsReset(int errno) => errno is ConnectionReset or BrokenPipe or NotConnected;

    /// <summary>The system has no room for another descriptor now; it may have later.</summary>
    public static bool IsShortage(int errno) => errno is TooManyOpenFiles or TooManyOpenFilesInSystem or NoBufferSpace or OutOfMemory;

    /// <summary>Nobody listens on the descriptor any more, and nobody will.</summary>
    public static bool IsNoListener(int errno) => errno is BadDescriptor or Invalid or NotSocket;

    /// <summary>The system's own words for it.</summary>
    public static Win32Exception ToException(int errno) => new(errno);
}
