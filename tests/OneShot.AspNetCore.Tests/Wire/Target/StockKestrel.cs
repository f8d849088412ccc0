using System.Net;
using System.Net.Sockets;
using System.Text;

namespace OneShot.AspNetCore.Tests.Wire;

/// <summary>Kestrel as it comes, on a free loopback port, asked over raw sockets.</summary>
internal sealed class StockKestrel : IAsyncDisposable
{
    private readonly WebApplication _app;
    private readonly IPEndPoint _endPoint;

    private StockKestrel(WebApplication app)
    {
        _app = app;
        _endPoint = new IPEndPoint(IPAddress.Loopback, new Uri(app.Urls.First()).Port);
    }

    public static async Task<StockKestrel> StartAsync()
    {
        WebApplicationBuilder builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        WebApplication app = builder.Build();
        app.Run(context =>
        {
            byte[] seen = Encoding.UTF8.GetBytes($"{context.Request.Path.Value}|{context.Request.QueryString.Value}");
            context.Response.ContentLength = seen.Length;
            return context.Response.Body.WriteAsync(seen, context.RequestAborted).AsTask();
        });
        await app.StartAsync(TestContext.Current.CancellationToken);
        return new StockKestrel(app);
    }

    /// <summary>Sends a head on its own connection.</summary>
    /// <param name="head">Without its empty line.</param>
    /// <returns>The status and, of a 200, path and query as the application saw them.</returns>
    public async Task<string> AskAsync(string head)
    {
        using var socket = new Socket(SocketType.Stream, ProtocolType.Tcp);
        await socket.ConnectAsync(_endPoint, TestContext.Current.CancellationToken);
        await socket.SendAsync(Encoding.Latin1.GetBytes($"{head}Connection: close\r\n\r\n"), TestContext.Current.CancellationToken);
        using var stream = new NetworkStream(socket);
        using var reader = new StreamReader(stream, Encoding.UTF8);
        string answer = await reader.ReadToEndAsync(TestContext.Current.CancellationToken);
        string status = answer.Substring(9, 3);
        if (status != "200")
        {
            return status;
        }

        return $"{status}|{answer[(answer.IndexOf("\r\n\r\n", StringComparison.Ordinal) + 4)..]}";
    }

    public ValueTask DisposeAsync() => _app.DisposeAsync();
}
