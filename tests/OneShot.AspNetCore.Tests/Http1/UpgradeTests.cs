using System.Net.WebSockets;
using System.Text;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http.Features;
using OneShot.AspNetCore.Tests.Http1.Transport;

namespace OneShot.AspNetCore.Tests.Http1;

public sealed class UpgradeTests
{
    private const string Upgrade = "GET / HTTP/1.1\r\nHost: a\r\nConnection: keep-alive, Upgrade\r\nUpgrade: echo\r\n\r\n";

    [Fact]
    public async Task After_the_101_the_bytes_are_the_applications_both_ways()
    {
        await using FrontServer server = await FrontServer.StartAsync(async context =>
        {
            IHttpUpgradeFeature upgrade = context.Features.Get<IHttpUpgradeFeature>()!;
            Assert.True(upgrade.IsUpgradableRequest);
            context.Response.Headers.Upgrade = "echo";
            await using Stream stream = await upgrade.UpgradeAsync();
            await Assert.ThrowsAsync<InvalidOperationException>(upgrade.UpgradeAsync);
            byte[] buffer = new byte[100];
            int read;
            while ((read = await stream.ReadAsync(buffer)) > 0)
            {
                await stream.WriteAsync(buffer.AsMemory(0, read));
            }
        });
        await using InMemoryConnection client = server.Connect();

        // The first bytes of the new protocol come with the head: they are not lost, and not taken for a request.
        RawResponse response = await client.RoundTripAsync(Upgrade + "GET ");
        Assert.Equal((101, "Upgrade", "echo"), (response.Status, response["Connection"], response["Upgrade"]));
        Assert.Null(response["Content-Length"]);
        await client.SendAsync("/ no HTTP");
        await client.FinishSendingAsync();

        using var all = new MemoryStream();
        await client.Input.CopyToAsync(all).WaitAsync(Limits.Patience);
        Assert.Equal("GET / no HTTP", Encoding.ASCII.GetString(all.ToArray()));
        Assert.Equal(1, server.Requests);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task An_upgraded_connection_does_not_count_among_those_that_may_be_open(bool front)
    {
        await using FrontServer server = await FrontServer.StartAsync(
            async context =>
            {
                if (context.Features.Get<IHttpUpgradeFeature>() is { IsUpgradableRequest: true } upgrade)
                {
                    await using Stream stream = await upgrade.UpgradeAsync();
                    await stream.CopyToAsync(Stream.Null);
                }
            },
            kestrel: options => options.Limits.MaxConcurrentConnections = 1,
            front: front);
        await using InMemoryConnection upgraded = server.Connect();
        Assert.Equal(101, (await upgraded.RoundTripAsync(Upgrade, toHead: true)).Status);
        await using InMemoryConnection another = server.Connect();

        Assert.Equal(200, (await another.RoundTripAsync("GET / HTTP/1.1\r\nHost: a\r\n\r\n")).Status);
        await upgraded.FinishSendingAsync();
    }

    [Fact]
    public async Task A_request_that_does_not_ask_for_it_cannot_be_upgraded()
    {
        await using FrontServer server = await FrontServer.StartAsync(async context =>
        {
            IHttpUpgradeFeature upgrade = context.Features.Get<IHttpUpgradeFeature>()!;
            await Assert.ThrowsAsync<InvalidOperationException>(upgrade.UpgradeAsync);
            await context.Response.WriteAsync(upgrade.IsUpgradableRequest.ToString());
        });
        await using InMemoryConnection client = server.Connect();

        Assert.Equal("False", (await client.RoundTripAsync("GET / HTTP/1.1\r\nHost: a\r\n\r\n")).Text);
        Assert.Equal("False", (await client.RoundTripAsync(
            "GET / HTTP/1.0\r\nConnection: keep-alive, Upgrade\r\nUpgrade: echo\r\n\r\n")).Text);
        await using InMemoryConnection another = server.Connect();
        Assert.Equal("False", (await another.RoundTripAsync(
            "POST / HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: echo\r\nContent-Length: 1\r\n\r\nx")).Text);
    }

    [Fact]
    public async Task What_belongs_to_other_versions_is_there_and_says_no()
    {
        await using FrontServer server = await FrontServer.StartAsync(async context =>
        {
            var extended = context.Features.Get<IHttpExtendedConnectFeature>()!;
            Assert.False(extended.IsExtendedConnect);
#pragma warning disable CA2252 // A preview feature, called to see it refuse.
            var transport = context.Features.Get<IHttpWebTransportFeature>()!;
            Assert.False(transport.IsWebTransportRequest);
            await Assert.ThrowsAsync<NotSupportedException>(async () => await transport.AcceptAsync());
#pragma warning restore CA2252
            await Assert.ThrowsAsync<InvalidOperationException>(async () => await extended.AcceptAsync());
        });
        await using InMemoryConnection client = server.Connect();

        Assert.Equal(200, (await client.RoundTripAsync("GET / HTTP/1.1\r\nHost: a\r\n\r\n")).Status);
    }

    [Fact]
    public async Task No_more_connections_are_upgraded_than_Kestrel_is_told()
    {
        await using FrontServer server = await FrontServer.StartAsync(
            async context =>
            {
                await using Stream stream = await context.Features.Get<IHttpUpgradeFeature>()!.UpgradeAsync();
                await stream.ReadExactlyAsync(new byte[1]);
            },
            kestrel: options => options.Limits.MaxConcurrentUpgradedConnections = 1);
        await using InMemoryConnection first = server.Connect();
        await using InMemoryConnection second = server.Connect();
        await using InMemoryConnection third = server.Connect();

        Assert.Equal(101, (await first.RoundTripAsync(Upgrade)).Status);
        Assert.Equal(500, (await second.RoundTripAsync(Upgrade)).Status);
        await first.SendAsync("x");
        Assert.True(await first.IsClosedByServerAsync());
        Assert.Equal(101, (await third.RoundTripAsync(Upgrade)).Status);
        await third.SendAsync("x");
    }

    [Fact]
    public async Task WebSockets_work_over_it()
    {
        WebApplicationBuilder builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        builder.Services.AddOneShotArena(options => options.Capacity = 4 * 1024 * 1024);
        builder.WebHost.UseOneShotHttp1();
        await using WebApplication app = builder.Build();
        app.UseOneShotArena();
        app.UseWebSockets();
        app.Run(async context =>
        {
            using WebSocket socket = await context.WebSockets.AcceptWebSocketAsync();
            byte[] buffer = new byte[200_000];
            ValueWebSocketReceiveResult received;
            int length = 0;
            while ((received = await socket.ReceiveAsync(buffer.AsMemory(length), default)).MessageType != WebSocketMessageType.Close)
            {
                length += received.Count;
                if (received.EndOfMessage)
                {
                    await socket.SendAsync(buffer.AsMemory(0, length), received.MessageType, endOfMessage: true, default);
                    length = 0;
                }
            }

            await socket.CloseAsync(WebSocketCloseStatus.NormalClosure, "bye", default);
        });
        await app.StartAsync();
        string address = app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.Single();

        using var client = new ClientWebSocket();
        await client.ConnectAsync(new Uri(address.Replace("http", "ws", StringComparison.Ordinal)), default).WaitAsync(Limits.Patience);
        foreach (int size in new[] { 1, 125, 126, 70_000 })
        {
            byte[] message = new byte[size];
            new Random(size).NextBytes(message);
            await client.SendAsync(message, WebSocketMessageType.Binary, endOfMessage: true, default);
            byte[] echo = new byte[size];
            int length = 0;
            while (length < size)
            {
                length += (await client.ReceiveAsync(echo.AsMemory(length), default).AsTask().WaitAsync(Limits.Patience)).Count;
            }

            Assert.Equal(message, echo);
        }

        await client.CloseAsync(WebSocketCloseStatus.NormalClosure, "bye", default).WaitAsync(Limits.Patience);
        Assert.Equal(WebSocketCloseStatus.NormalClosure, client.CloseStatus);
    }
}
