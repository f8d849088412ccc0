using System.Net.Sockets;

namespace OneShot.EndToEnd.Tests.Clients;

/// <summary>Request trailers, which neither HttpClient nor curl can send over HTTP/1.1: by hand.</summary>
public sealed class TrailerTests
{
    public static TheoryData<ServerKind> Servers => ServerKinds.All;

    [Theory]
    [MemberData(nameof(Servers))]
    public async Task Trailers_arrive_after_the_body_and_the_connection_goes_on(ServerKind kind)
    {
        await using WebServer server = await WebServer.StartAsync(kind, new ClientApplication().Map);
        using var socket = new TcpClient();
        await socket.ConnectAsync(server.Address.Host, server.Address.Port);

        await socket.GetStream().WriteAsync(
            """
            POST /trailers HTTP/1.1
            Host: localhost
            Transfer-Encoding: chunked
            Trailer: X-Sum

            4
            body
            0
            X-Sum: 17

            GET /hello HTTP/1.1
            Host: localhost
            Connection: close


            """u8.ToArray().SelectMany(b => b == '\n' ? "\r\n"u8.ToArray() : [b]).ToArray());
        using var reader = new StreamReader(socket.GetStream());
        string answers = await reader.ReadToEndAsync().WaitAsync(Eventually.Patience);

        Assert.Contains("body|17|X-Sum", answers, StringComparison.Ordinal);
        Assert.EndsWith("5\r\nhello\r\n0\r\n\r\n", answers, StringComparison.Ordinal);
    }
}
