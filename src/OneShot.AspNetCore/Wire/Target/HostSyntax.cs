using System.Buffers;
using System.Text;

namespace OneShot.AspNetCore.Wire;

/// <summary>The grammar of <c>Host = uri-host [ ":" port ]</c> (RFC 9110 7.2, RFC 3986 3.2.2).</summary>
internal static class HostSyntax
{
    // A registered name of RFC 3986 without "%", "*", "+", ",", ";" and "=": as narrow as Kestrel and http.sys, and no room for lists.
    private static readonly SearchValues<byte> s_nameBytes =
        SearchValues.Create("-._~!$&'()0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"u8);

    private static readonly SearchValues<byte> s_addressBytes = SearchValues.Create(".:0123456789ABCDEFabcdef"u8);

    /// <summary>Whether the bytes are a host that is not empty, with or without a port.</summary>
    public static bool IsValid(ReadOnlySpan<byte> host) => TrySplit(host, out _, out _);

    /// <summary>Takes host and port apart.</summary>
    /// <param name="authority">Such as <c>example.com:8080</c> or <c>[::1]</c>.</param>
    /// <param name="name">The host, brackets included.</param>
    /// <param name="port">The digits of the port, empty when there is none.</param>
    public static bool TrySplit(ReadOnlySpan<byte> authority, out ReadOnlySpan<byte> name, out ReadOnlySpan<byte> port)
    {
        name = default;
        port = default;
        int length;
        if (!authority.IsEmpty && authority[0] == '[')
        {
            int close = authority.IndexOf((byte)']');

            // Every IPv6 address has two colons; "[::]" is the shortest.
            if (close < 0 || authority[1..close].ContainsAnyExcept(s_addressBytes) || authority[1..close].Count((byte)':') < 2)
            {
                return false;
            }

            length = close + 1;
        }
        else
        {
            length = authority.IndexOfAnyExcept(s_nameBytes);
            if (length < 0)
            {
                length = authority.Length;
            }

            if (length == 0)
            {
                return false;
            }
        }

        name = authority[..length];
        if (length == authority.Length)
        {
            return true;
        }

        port = authority[(length + 1)..];
        return authority[length] == ':' && !port.IsEmpty && !port.ContainsAnyExceptInRange((byte)'0', (byte)'9');
    }

    /// <summary>Whether two authorities are the same server (RFC 9110 4.2.3): names in any case, the default port written or not.</summary>
    public static bool AreSame(ReadOnlySpan<byte> left, ReadOnlySpan<byte> right, ReadOnlySpan<byte> defaultPort)
        => TrySplit(left, out ReadOnlySpan<byte> leftName, out ReadOnlySpan<byte> leftPort)
            && TrySplit(right, out ReadOnlySpan<byte> rightName, out ReadOnlySpan<byte> rightPort)
            && Ascii.EqualsIgnoreCase(leftName, rightName)
            && Port(leftPort, defaultPort).SequenceEqual(Port(rightPort, defaultPort));

    /// <summary>A valid authority, without its port if that is this one.</summary>
    public static ReadOnlySpan<byte> WithoutPort(ReadOnlySpan<byte> authority, ReadOnlySpan<byte> port)
        => TrySplit(authority, out ReadOnlySpan<byte> name, out ReadOnlySpan<byte> own) && Port(own, port).SequenceEqual(port) ? name : authority;

    private static ReadOnlySpan<byte> Port(ReadOnlySpan<byte> port, ReadOnlySpan<byte> defaultPort)
        => port.IsEmpty ? defaultPort : port.TrimStart((byte)'0');
}
