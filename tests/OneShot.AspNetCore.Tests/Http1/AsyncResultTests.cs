using System.Text;
using Microsoft.AspNetCore.Http.Features;
using OneShot.AspNetCore.Tests.Http1.Transport;

namespace OneShot.AspNetCore.Tests.Http1;

/// <summary>Begin and End on the streams are asynchronous IO: old libraries need no permission to block.</summary>
public sealed class AsyncResultTests
{
    [Fact]
    public async Task Request_and_response_streams_are_read_and_written_by_Begin_and_End()
    {
        await using FrontServer server = await FrontServer.StartAsync(context => EchoAsync(context.Request.Body, context.Response.Body));
        await using InMemoryConnection client = server.Connect();

        Assert.Equal("abc", (await client.RoundTripAsync("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\n\r\nabc")).Text);
        Assert.Equal("abc", (await client.RoundTripAsync("POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n")).Text);
    }

    [Fact]
    public async Task So_is_an_upgraded_stream()
    {
        await using FrontServer server = await FrontServer.StartAsync(async context =>
        {
            await using Stream stream = await context.Features.Get<IHttpUpgradeFeature>()!.UpgradeAsync();
            await EchoAsync(stream, stream);
        });
        await using InMemoryConnection client = server.Connect();

        Assert.Equal(101, (await client.RoundTripAsync("GET / HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: x\r\n\r\n")).Status);
        await client.SendAsync("abc");
        Assert.Equal("abc", await client.ReadTextAsync(3));
        await client.FinishSendingAsync();
    }

    [Fact]
    public async Task The_wrong_direction_is_not_supported()
    {
        await using FrontServer server = await FrontServer.StartAsync(async context =>
        {
            await WrongWayAsync(context.Request.Body, context.Response.Body);
        });
        await using InMemoryConnection client = server.Connect();

        Assert.Equal(200, (await client.RoundTripAsync("GET / HTTP/1.1\r\nHost: a\r\n\r\n")).Status);
    }

    private static async Task WrongWayAsync(Stream request, Stream response)
    {
        await Assert.ThrowsAsync<NotSupportedException>(() => WriteAsync(request, [1]));
        await Assert.ThrowsAsync<NotSupportedException>(() => ReadAsync(response, new byte[1]));
        await Assert.ThrowsAsync<NotSupportedException>(() => request.WriteAsync(new byte[1], 0, 1));
        await Assert.ThrowsAsync<NotSupportedException>(() => response.ReadAsync(new byte[1], 0, 1));
    }

    private static async Task EchoAsync(Stream input, Stream output)
    {
        byte[] buffer = new byte[100];
        int read;
        var text = new StringBuilder();
        while ((read = await ReadAsync(input, buffer)) > 0)
        {
            text.Append(Encoding.ASCII.GetString(buffer, 0, read));
            await WriteAsync(output, buffer[..read]);
        }

        Assert.Equal("abc", text.ToString());
    }

    private static Task<int> ReadAsync(Stream stream, byte[] buffer) =>
        Task<int>.Factory.FromAsync(stream.BeginRead, stream.EndRead, buffer, 0, buffer.Length, null);

    private static Task WriteAsync(Stream stream, byte[] buffer) =>
        Task.Factory.FromAsync(stream.BeginWrite, stream.EndWrite, buffer, 0, buffer.Length, null);
}
