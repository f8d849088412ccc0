using System.Net.Sockets;

namespace OneShot.Transport.Tests.Servers;

internal static class BlockingSockets
{
    /// <summary>
    /// Receives with nobody's help. The framework's own receive, on a socket that was once used asynchronously, waits for a word that now and then comes by way of
    /// the thread pool: not from one that is held up.
    /// </summary>
    /// <exception cref="TimeoutException">Nothing has come.</exception>
    public static int ReceiveUnaided(this Socket socket, Span<byte> bytes, TimeSpan timeout) =>
        socket.Poll(timeout, SelectMode.SelectRead) ? socket.Receive(bytes) : throw new TimeoutException($"Nothing has come within {timeout}.");
}
