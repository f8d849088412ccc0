using System.Net;
using System.Net.Sockets;
using System.Text;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using OneShot.AspNetCore.Tests.Http1.Transport;

namespace OneShot.AspNetCore.Tests.Http1;

/// <summary>A client that has ended its half of the connection: a row of the differences page that only sockets show.</summary>
public sealed class HalfClosedTests
{
    [Theory]
    [InlineData(true, true)]
    [InlineData(false, false)]
    public async Task A_client_that_has_ended_its_half_is_answered_by_the_front(bool front, bool isAnswered)
    {
        WebApplicationBuilder builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls();
        builder.Services.AddOneShotArena(options => options.Capacity = 16 * 1024 * 1024);
        builder.WebHost.ConfigureKestrel(options => options.Listen(IPAddress.Loopback, 0, endpoint =>
        {
            if (front)
            {
                endpoint.UseOneShotHttp1();
            }
        }));
        await using WebApplication app = builder.Build();
        app.UseOneShotArena();
        app.Run(async context =>
        {
            var aborted = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            using CancellationTokenRegistration registration = context.RequestAborted.Register(aborted.SetResult);
            await aborted.Task.WaitAsync(Limits.Patience);
            await context.Response.WriteAsync("late", CancellationToken.None);
        });
        await app.StartAsync();
        var address = new Uri(app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.Single());
        using var socket = new Socket(SocketType.Stream, ProtocolType.Tcp);
        await socket.ConnectAsync(IPAddress.Loopback, address.Port);

        await socket.SendAsync("GET / HTTP/1.1\r\nHost: a\r\n\r\n"u8.ToArray());
        socket.Shutdown(SocketShutdown.Send);

        Assert.Equal(isAnswered, (await ReadToEndAsync(socket)).EndsWith("late", StringComparison.Ordinal));
    }

    private static async Task<string> ReadToEndAsync(Socket socket)
    {
        var text = new StringBuilder();
        byte[] buffer = new byte[4096];
        try
        {
            while (await socket.ReceiveAsync(buffer).WaitAsync(Limits.Patience) is > 0 and int count)
            {
                text.Append(Encoding.Latin1.GetString(buffer, 0, count));
            }
        }
        catch (SocketException)
        {
            // The connection was cut.
        }

        return text.ToString().Replace("\r\n0\r\n\r\n", "", StringComparison.Ordinal);
    }
}
