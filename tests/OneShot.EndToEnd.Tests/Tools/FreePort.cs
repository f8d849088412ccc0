using System.Net;
using System.Net.Sockets;

namespace OneShot.EndToEnd.Tests.Tools;

/// <summary>Ports for programs that cannot choose one and say which.</summary>
/// <remarks>
/// Not from the kernel's ephemeral range: until the program listens, any of the many outgoing connections of the other tests could
/// take it. Nor one that another test process has picked: whoever does binds the UDP port of the same number, for as long as it lives.
/// </remarks>
internal static class FreePort
{
    private const int Lowest = 20_000;
    private const int LowestEphemeral = 32_768; // Linux's own setting, and the lowest of the usual systems

    private static readonly Lock s_lock = new();
    private static readonly List<Socket> s_claims = [];

    /// <summary>A port of 127.0.0.1 that nobody listens on, and that nobody else is given.</summary>
    internal static int Next()
    {
        lock (s_lock)
        {
            while (true)
            {
                int port = Random.Shared.Next(Lowest, LowestEphemeral);
                Socket claim = new(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
                using Socket listener = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
                if (TryBind(claim, port) && TryBind(listener, port))
                {
                    s_claims.Add(claim);
                    return port;
                }

                claim.Dispose();
            }
        }
    }

    private static bool TryBind(Socket socket, int port)
    {
        try
        {
            socket.Bind(new IPEndPoint(IPAddress.Loopback, port));
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }
}
