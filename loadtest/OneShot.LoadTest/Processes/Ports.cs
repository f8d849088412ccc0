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

    /// <exception cref="LoadTestException">There are not that many free ports.</exception>
    public static int[] Free(int count)
    {
        List<int> free = [];
        int highest = LowestEphemeral();
        // From a random place, so that two runs at once do not ask for the same ones.
        int start = Random.Shared.Next(Lowest, highest);
        for (int i = 0; i < highest - Lowest && free.Count < count; i++)
        {
            int port = Lowest + ((start - Lowest + i) % (highest - Lowest));
            if (IsFree(port))
            {
                free.Add(port);
            }
        }

        return free.Count == count ? [.. free] : throw new LoadTestException($"There are no {count} free ports between {Lowest} and {highest}.");
    }

    public static bool IsFree(int port)
    {
        using Socket socket = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
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
