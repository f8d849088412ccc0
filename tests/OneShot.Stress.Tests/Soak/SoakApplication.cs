using System.Globalization;
using System.Net.WebSockets;
using OneShot.Stress.Tests.Races;

namespace OneShot.Stress.Tests.Soak;

/// <summary>What services do: small answers, large ones, echoes, events, WebSockets, failures.</summary>
internal static class SoakApplication
{
    public static void Map(WebApplication app)
    {
        app.UseWebSockets();
        app.Run(context => context.Request.Path.Value switch
        {
            "/echo" => context.Request.BodyReader.CopyToAsync(context.Response.BodyWriter),
            "/large" => SendLargeAsync(context),
            "/events" => SendEventsAsync(context),
            "/socket" => EchoMessagesAsync(context),
            "/throw" => throw new PlannedException(),
            "/cut" => CutAsync(context),
            _ => CountHeadersAsync(context),
        });
    }

    /// <summary>Says the request's token, behind what its headers come to by bytes and by strings.</summary>
    private static async Task CountHeadersAsync(HttpContext context)
    {
        await context.Response.WriteAsync(Summary(context));
    }

    private static string Summary(HttpContext context)
    {
        int bytes = 0;
        foreach ((ReadOnlySpan<byte> _, ReadOnlySpan<byte> value) in context.HeaderSpans)
        {
            bytes += value.Length;
        }

        Span<byte> scratch = context.Arena.Allocate<byte>(Math.Max(1, bytes));
        int characters = context.Request.Headers.Sum(header => header.Value.Sum(value => value!.Length));
        if (scratch.ContainsAnyExcept((byte)0) || characters != bytes)
        {
            throw new InvalidOperationException("Memory was not zero, or strings and spans differ.");
        }

        return string.Create(CultureInfo.InvariantCulture, $"{bytes} {context.Request.Headers["X-Token"]}");
    }

    private static async Task SendLargeAsync(HttpContext context)
    {
        int size = int.Parse(context.Request.Query["size"].ToString(), CultureInfo.InvariantCulture);
        if (context.Request.Query.ContainsKey("length"))
        {
            context.Response.ContentLength = size;
        }

        for (int sent = 0; sent < size;)
        {
            int piece = Math.Min(size - sent, 5000);
            context.Response.BodyWriter.GetSpan(piece)[..piece].Fill((byte)'x');
            context.Response.BodyWriter.Advance(piece);
            sent += piece;
            await context.Response.BodyWriter.FlushAsync(context.RequestAborted);
        }
    }

    private static async Task SendEventsAsync(HttpContext context)
    {
        context.Response.ContentType = "text/event-stream";
        string token = context.Request.Headers["X-Token"].ToString();
        context.ReleaseArena();
        for (int i = 0; !context.RequestAborted.IsCancellationRequested; i++)
        {
            await context.Response.WriteAsync(string.Create(CultureInfo.InvariantCulture, $"data: {i} {token}\n\n"), context.RequestAborted);
            await Task.Yield();
        }
    }

    private static async Task EchoMessagesAsync(HttpContext context)
    {
        using WebSocket socket = await context.WebSockets.AcceptWebSocketAsync();
        context.ReleaseArena();
        byte[] buffer = new byte[4096];
        try
        {
            while (await socket.ReceiveAsync(buffer.AsMemory(), context.RequestAborted) is { MessageType: not WebSocketMessageType.Close } message)
            {
                await socket.SendAsync(buffer.AsMemory(0, message.Count), message.MessageType, message.EndOfMessage, context.RequestAborted);
            }

            await socket.CloseOutputAsync(WebSocketCloseStatus.NormalClosure, null, default);
        }
        catch (WebSocketException)
        {
            // The client has left without a word, as many do.
        }
    }

    private static async Task CutAsync(HttpContext context)
    {
        await context.Response.WriteAsync("some of it");
        context.Abort();
    }
}
