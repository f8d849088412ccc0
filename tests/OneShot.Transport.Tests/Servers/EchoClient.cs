using System.Net.Sockets;

namespace OneShot.Transport.Tests.Servers;

/// <summary>Asks an <see cref="EchoService"/>.</summary>
internal sealed class EchoClient(Socket socket) : IDisposable
{
    public static async Task<EchoClient> ConnectAsync(TransportServer server) => new(await server.ConnectClientAsync());

    public async Task<int> AskAsync(int number)
    {
        await SendAsync(number);
        return await ReceiveAsync();
    }

    public async Task SendAsync(params int[] numbers) => await socket.SendAsync(numbers.SelectMany(BitConverter.GetBytes).ToArray()).Soon();

    public async Task<int> ReceiveAsync() => BitConverter.ToInt32(await socket.ReceiveExactlyAsync(sizeof(int)));

    public void EndSending() => socket.Shutdown(SocketShutdown.Send);

    public void Reset()
    {
        socket.LingerState = new LingerOption(enable: true, seconds: 0);
        socket.Dispose();
    }

    public void Dispose() => socket.Dispose();
}
