using System.Net.WebSockets;
using System.Security.Cryptography;
using System.Text;

namespace OneShot.EndToEnd.Tests.Realtime;

/// <summary>A WebSocket that says everything back, and a client that checks it: through whatever is in between.</summary>
internal static class WebSocketTraffic
{
    private const int Large = 1_000_000;

    internal static void Map(WebApplication app)
    {
        app.UseWebSockets();
        app.Map("/socket", EchoAsync);
    }

    /// <summary>Text, a large binary message, an empty one and the close handshake.</summary>
    internal static async Task CheckAsync(Uri address)
    {
        using var patience = new CancellationTokenSource(Eventually.Patience);
        using var socket = new ClientWebSocket();
        socket.Options.Proxy = null;
        await socket.ConnectAsync(new UriBuilder(address) { Scheme = "ws", Path = "/socket" }.Uri, patience.Token);

        foreach ((WebSocketMessageType type, byte[] message) in new[]
        {
            (WebSocketMessageType.Text, Encoding.UTF8.GetBytes("Grüße")),
            (WebSocketMessageType.Binary, RandomNumberGenerator.GetBytes(Large)),
            (WebSocketMessageType.Text, []),
        })
        {
            Task sending = socket.SendAsync(message, type, endOfMessage: true, patience.Token);
            byte[] received = new byte[message.Length + 1];
            int length = 0;
            ValueWebSocketReceiveResult result;
            do
            {
                result = await socket.ReceiveAsync(received.AsMemory(length), patience.Token);
                length += result.Count;
            }
            while (!result.EndOfMessage);

            await sending;
            Assert.Equal(type, result.MessageType);
            Assert.Equal(message, received[..length]);
        }

        await socket.CloseAsync(WebSocketCloseStatus.NormalClosure, "done", patience.Token);
        Assert.Equal((WebSocketCloseStatus.NormalClosure, "bye"), (socket.CloseStatus, socket.CloseStatusDescription));
    }

    private static async Task EchoAsync(HttpContext context)
    {
        if (!context.WebSockets.IsWebSocketRequest)
        {
            context.Response.StatusCode = StatusCodes.Status400BadRequest;
            return;
        }

        using WebSocket socket = await context.WebSockets.AcceptWebSocketAsync();
        byte[] buffer = new byte[16 * 1024];
        while (true)
        {
            ValueWebSocketReceiveResult result = await socket.ReceiveAsync(buffer.AsMemory(), context.RequestAborted);
            if (result.MessageType == WebSocketMessageType.Close)
            {
                await socket.CloseAsync(WebSocketCloseStatus.NormalClosure, "bye", context.RequestAborted);
                return;
            }

            await socket.SendAsync(buffer.AsMemory(0, result.Count), result.MessageType, result.EndOfMessage, context.RequestAborted);
        }
    }
}
