using System.Net;
using System.Net.Sockets;

namespace OneShot.Stress.Tests.Races;

/// <summary>A real socket with a small window, so that a client that does not read is felt.</summary>
internal sealed class SocketEnd : ClientEnd
{
    private readonly Socket _socket = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true, ReceiveBufferSize = 4096 };

    public static async Task<SocketEnd?> TryConnectAsync(IPEndPoint server)
    {
        var end = new SocketEnd();
        try
        {
            await end._socket.ConnectAsync(server);
            return end;
        }
        catch (SocketException)
        {
            end._socket.Dispose(); // the server has stopped meanwhile
            return null;
        }
    }

    public override async ValueTask SendAsync(byte[] bytes)
    {
        try
        {
            await _socket.SendAsync(bytes);
        }
        catch (Exception exception) when (exception is SocketException or ObjectDisposedException)
        {
        }
    }

    public override void Finish()
    {
        try
        {
            _socket.Shutdown(SocketShutdown.Send);
        }
        catch (Exception exception) when (exception is SocketException or ObjectDisposedException)
        {
        }
    }

    public override void Reset() => _socket.Close(timeout: 0);

    public override async ValueTask<byte[]> ReceiveAsync()
    {
        byte[] buffer = new byte[4096];
        try
        {
            return buffer[..await _socket.ReceiveAsync(buffer)];
        }
        catch (Exception exception) when (exception is SocketException or ObjectDisposedException)
        {
            return [];
        }
    }
}
