using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;
using System.Runtime.InteropServices;
using OneShot.Transport.Native;

namespace OneShot.Transport.Listening;

/// <summary>From the kernel's <c>struct sockaddr</c> (ip(7), ipv6(7), unix(7)) to end points.</summary>
internal static unsafe class SocketAddresses
{
    /// <summary>The largest of them, <c>sockaddr_un</c>, fits.</summary>
    public const int Size = 128;

    private const int Unix = 1; // AF_UNIX
    private const int Internet = 2; // AF_INET
    private const int Internet6 = 10; // AF_INET6

    /// <returns>Null for a family that it does not know.</returns>
    public static EndPoint? Read(ReadOnlySpan<byte> address)
    {
        if (address.Length < sizeof(ushort))
        {
            return null;
        }

        switch (MemoryMarshal.Read<ushort>(address))
        {
            case Internet when address.Length >= 8:
                return new IPEndPoint(new IPAddress(address.Slice(4, 4)), BinaryPrimitives.ReadUInt16BigEndian(address[2..]));
            case Internet6 when address.Length >= 28:
                return new IPEndPoint(
                    new IPAddress(address.Slice(8, 16), MemoryMarshal.Read<uint>(address[24..])), BinaryPrimitives.ReadUInt16BigEndian(address[2..]));
            case Unix:
                var path = new SocketAddress(AddressFamily.Unix, Math.Max(address.Length, 2));
                address.CopyTo(path.Buffer.Span);
                return new UnixDomainSocketEndPoint("/").Create(path);
            default:
                return null;
        }
    }

    /// <summary>The address that a socket is bound to.</summary>
    public static EndPoint? LocalOf(int descriptor)
    {
        byte* address = stackalloc byte[Size];
        int length = Size;
        return Libc.LocalName(descriptor, address, &length) == 0 ? Read(new ReadOnlySpan<byte>(address, Math.Min(length, Size))) : null;
    }
}
