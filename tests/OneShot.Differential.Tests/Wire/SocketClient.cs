using System.Net;
using System.Net.Sockets;

namespace OneShot.Differential.Tests.Wire;

/// <summary>A client that knows nothing of HTTP: bytes out, bytes in.</summary>
internal static class SocketClient
{
    /// <summary>Sends bytes over a connection of its own and reads the answer.</summary>
    /// <param name="server">Where it listens.</param>
    /// <param name="bytes">What to send.</param>
    /// <param name="wanted">How many bytes of answer to wait for.</param>
    /// <param name="toEnd">Whether the server is to end the connection behind them.</param>
    /// <returns>The bytes read, and whether the connection was reset before they had all come.</returns>
    internal static async Task<(byte[] Answer, bool IsReset)> AskAsync(IPEndPoint server, ReadOnlyMemory<byte> bytes, int wanted, bool toEnd)
    {
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(30));
        using var socket = new Socket(server.AddressFamily, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        await socket.ConnectAsync(server, patience.Token);
        byte[] answer = new byte[wanted + 4096];
        int length = 0;
        try
        {
            for (ReadOnlyMemory<byte> rest = bytes; !rest.IsEmpty;)
            {
                rest = rest[await socket.SendAsync(rest, patience.Token)..];
            }

            while (length < answer.Length && (toEnd || length < wanted))
            {
                int read = await socket.ReceiveAsync(answer.AsMemory(length), patience.Token);
                if (read == 0)
                {
                    break;
                }

                length += read;
            }
        }
        catch (SocketException)
        {
            return (answer[..length], IsReset: true);
        }

        return (answer[..length], IsReset: false);
    }
}
