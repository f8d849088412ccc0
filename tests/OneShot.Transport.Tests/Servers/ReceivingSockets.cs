using System.Net.Sockets;

namespace OneShot.Transport.Tests.Servers;

internal static class ReceivingSockets
{
    /// <exception cref="EndOfStreamException">The other end has sent less.</exception>
    public static async Task<byte[]> ReceiveExactlyAsync(this Socket socket, int length)
    {
        byte[] bytes = new byte[length];
        for (int received = 0; received < length;)
        {
            int read = await socket.ReceiveAsync(bytes.AsMemory(received)).Soon();
            received += read > 0 ? read : throw new EndOfStreamException();
        }

        return bytes;
    }
}
