using System.Net;
using System.Net.Sockets;
using System.Text;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;

namespace OneShot.AspNetCore.Tests.Hosting;

/// <summary>What was accepted just before a host stops has a moment to send its request.</summary>
public class StoppingTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(true, true)]
    [InlineData(true, false)]
    [InlineData(false, true)]
    [InlineData(false, false)]
    public async Task A_connection_that_was_accepted_last_is_answered_and_nobody_is_accepted_behind_it(bool onTransport, bool hasFront)
    {
        TaskCompletionSource settled = new(TaskCreationOptions.RunContinuationsAsynchronously);
        TaskCompletionSource accepted = new(TaskCreationOptions.RunContinuationsAsynchronously);
        await using WebApplication app = await StartAsync(onTransport, hasFront, settled.Task, accepted);
        IPEndPoint address = new(IPAddress.Loopback, new Uri(app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.Single()).Port);
        using Socket client = new(SocketType.Stream, ProtocolType.Tcp);
        await client.ConnectAsync(address, Cancel);
        await accepted.Task.WaitAsync(Cancel);

        Task stopping = app.StopAsync(Cancel);
        await client.SendAsync("GET / HTTP/1.1\r\nHost: a\r\n\r\n"u8.ToArray(), Cancel);
        byte[] answer = new byte[1024];
        int length = await client.ReceiveAsync(answer, Cancel);
        using Socket late = new(SocketType.Stream, ProtocolType.Tcp);
        bool isServed = onTransport || await IsServedAsync(late, address); // OneShot's transport accepts who comes in that moment

        Assert.StartsWith("HTTP/1.1 200", Encoding.ASCII.GetString(answer, 0, length), StringComparison.Ordinal);
        Assert.Equal(onTransport, isServed);
        Assert.False(stopping.IsCompleted);
        settled.SetResult();
        await stopping;
    }

    private static async Task<bool> IsServedAsync(Socket late, IPEndPoint address)
    {
        try
        {
            await late.ConnectAsync(address, Cancel);
            await late.SendAsync("GET / HTTP/1.1\r\nHost: a\r\n\r\n"u8.ToArray(), Cancel);
            return await late.ReceiveAsync(new byte[16], Cancel) > 0;
        }
        catch (SocketException)
        {
            return false;
        }
    }

    private static async Task<WebApplication> StartAsync(bool onTransport, bool hasFront, Task settled, TaskCompletionSource accepted)
    {
        WebApplicationBuilder builder = WebApplication.CreateBuilder(new WebApplicationOptions { EnvironmentName = Environments.Production });
        builder.Logging.ClearProviders();
        builder.Services.AddSingleton(services => new OneShot.AspNetCore.Succession.ListeningSockets(null, services.GetRequiredService<ILogger<StoppingTests>>()) { SettleAsync = _ => settled });
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, 0, listen => listen.Use(next => connection =>
        {
            accepted.TrySetResult();
            return next(connection);
        })));
        builder.Services.AddOneShotRestart();
        if (hasFront)
        {
            builder.Services.AddOneShotArena();
            builder.WebHost.UseOneShotHttp1();
        }

        if (onTransport)
        {
            builder.WebHost.UseOneShotTransport();
        }

        WebApplication app = builder.Build();
        app.MapGet("/", static () => "Hello");
        await app.StartAsync(Cancel);
        return app;
    }
}
