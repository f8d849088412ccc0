using System.Net.Sockets;

namespace OneShot.Transport.Tests.Listening;

internal static class SocketNumbers
{
    /// <summary>The number that the next descriptor will have, if nobody opens or closes one meanwhile.</summary>
    public static nint DisposeAndTellNumber(this Socket socket)
    {
        nint number = socket.Handle;
        socket.Dispose();
        return number;
    }
}
