using System.Collections.Concurrent;
using System.Globalization;
using System.Net;
using System.Net.Sockets;

namespace OneShot.LoadTest.Processes;

/// <summary>
/// Loopback ports that stay free while nobody listens on them. A port from the kernel's ephemeral range would not: while a replica
/// restarts, an outgoing connection could take it.
/// </summary>
internal static class Ports
{
    private const int Lowest = 20_000;
    private const string EphemeralRange = "/proc/sys/net/ipv4/ip_local_port_range";

    /// <summary>For as long as this process lives: of two drills at once, neither gets a port of the other's between two lives of a replica.</summary>
    private static readonly ConcurrentBag<Socket> s_claims = [];

    /// <exception cref="LoadTestException">There are not that many free ports.</exception>
    public static int[] Free(int count)
    {
        List<int> free = [];
        int highest = LowestEphemeral();
        int start = Random.Shared.Next(Lowest, highest);
        for (int i = 0; i < highest - Lowest && free.Count < count; i++)
        {
            int port = Lowest + ((start - Lowest + i) % (highest - Lowest));
            if (TryClaim(port))
            {
                free.Add(port);
            }
        }

        return free.Count == count ? [.. free] : throw new LoadTestException($"There are no {count} free ports between {Lowest} and {highest}.");
    }

    public static bool IsFree(int port)
    {
        using Socket socket = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        return TryBind(socket, port);
    }

    /// <summary>Nobody listens there, and the UDP port of the same number, which nobody here has a use for, is ours.</summary>
    private static bool TryClaim(int port)
    {
        Socket claim = new(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
        if (TryBind(claim, port) && IsFree(port))
        {
            s_claims.Add(claim);
            return true;
        }

        claim.Dispose();
        return false;
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

    private static int LowestEphemeral()
    {
        const int Usual = 32_768;
        if (!File.Exists(EphemeralRange))
        {
            return Usual;
        }

        string first = File.ReadAllText(EphemeralRange).Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries)[0];
        int lowest = int.Parse(first, CultureInfo.InvariantCulture);
        return lowest > Lowest ? lowest : Usual;
    }
}
