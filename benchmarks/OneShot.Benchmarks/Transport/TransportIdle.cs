using System.Globalization;
using System.Net;
using System.Net.Sockets;

namespace OneShot.Benchmarks.Transport;

/// <summary>What a kept-alive connection costs its server while it says nothing, after it has said something.</summary>
internal static class TransportIdle
{
    internal static async Task RunAsync(int connections)
    {
        Console.WriteLine($"| {connections} idle connections | managed bytes of each | resident bytes of each |");
        Console.WriteLine("|---|---|---|");
        foreach (TransportKind kind in (TransportKind[])[TransportKind.Sockets, TransportKind.OneShot])
        {
            await using TransportProcess server = await TransportProcess.StartAsync(kind, upstream: "");
            IPEndPoint endPoint = IPEndPoint.Parse(new Uri(server.AddressOf(TransportEndpoint.Plain)).Authority);
            using Socket control = await ConnectAsync(endPoint);
            for (int i = 0; i < 1_000; i++)
            {
                await AskAsync(control, "/");
            }

            long managed = await CollectAsync(control);
            long resident = server.ResidentBytes;
            var idle = new List<Socket>(connections);
            for (int i = 0; i < connections; i++)
            {
                Socket client = await ConnectAsync(endPoint);
                idle.Add(client);
                for (int request = 0; request < 4; request++)
                {
                    await AskAsync(client, "/");
                }
            }

            managed = await CollectAsync(control) - managed;
            resident = server.ResidentBytes - resident;
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"| {kind} | {managed / connections} | {resident / connections} |"));
            idle.ForEach(client => client.Dispose());
        }
    }

    /// <summary>Managed bytes of the server after a full collection.</summary>
    private static async Task<long> CollectAsync(Socket control)
    {
        string answer = await AskAsync(control, "/collect");
        return long.Parse(answer.AsSpan(answer.IndexOf("\r\n\r\n", StringComparison.Ordinal) + 4), CultureInfo.InvariantCulture);
    }

    private static async Task<Socket> ConnectAsync(IPEndPoint endPoint)
    {
        var socket = new Socket(endPoint.AddressFamily, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        await socket.ConnectAsync(endPoint);
        return socket;
    }

    /// <remarks>Answers are short, and come in one piece.</remarks>
    private static async Task<string> AskAsync(Socket socket, string path)
    {
        await socket.SendAsync(System.Text.Encoding.ASCII.GetBytes($"GET {path} HTTP/1.1\r\nHost: localhost\r\n\r\n"));
        byte[] buffer = new byte[1024];
        int received = await socket.ReceiveAsync(buffer);
        return System.Text.Encoding.ASCII.GetString(buffer, 0, received);
    }
}
