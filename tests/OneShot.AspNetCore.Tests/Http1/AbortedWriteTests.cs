using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using Microsoft.AspNetCore.Connections.Features;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using OneShot.AspNetCore.Tests.Http1.Response;
using OneShot.AspNetCore.Tests.Http1.Transport;

namespace OneShot.AspNetCore.Tests.Http1;

/// <summary>The end of a connection, of a real socket, with writes queued behind one that waits for the client.</summary>
public sealed class AbortedWriteTests
{
    private const int Writes = 100;
    private const int Size = 256 * 1024; // together more than the system and the server take without waiting

    [Theory]
    [InlineData(false, false)]
    [InlineData(false, true)]
    [InlineData(true, false)]
    [InlineData(true, true)]
    public async Task Gives_back_what_is_queued_and_tells_the_application(bool tls, bool byClient)
    {
        using var pool = new CountingPool();
        var log = new RecordingLog();
        var queued = new TaskCompletionSource<HttpContext>(TaskCreationOptions.RunContinuationsAsynchronously);
        var done = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using WebApplication app = await StartAsync(tls, pool, log, async context =>
        {
            Task[] writes = [.. Enumerable.Range(0, Writes).Select(_ => context.Response.Body.WriteAsync(new byte[Size]).AsTask())];
            queued.SetResult(context);
            await Record.ExceptionAsync(() => Task.WhenAll(writes));
            context.RequestAborted.Register(done.SetResult);
            await done.Task;
        });
        using var socket = new TcpClient();
        var address = new Uri(app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.Single());
        await socket.ConnectAsync(address.Host, address.Port);
        Stream client = socket.GetStream();
        if (tls)
        {
            var secure = new SslStream(client, leaveInnerStreamOpen: false, TestCertificate.IsOne);
            await secure.AuthenticateAsClientAsync("localhost");
            client = secure;
        }

        await client.WriteAsync("GET / HTTP/1.1\r\nHost: a\r\n\r\n"u8.ToArray());
        HttpContext context = await queued.Task.WaitAsync(Limits.Patience);
        Assert.True(pool.Rented > Writes, "most of the writes are queued");

        if (byClient)
        {
            socket.LingerState = new LingerOption(true, 0); // a reset
            socket.Close();
        }
        else
        {
            context.Abort();
        }

        await done.Task.WaitAsync(Limits.Patience);
        await Eventually.HoldsAsync(() => pool.Rented == 0);
        pool.AssertUntouched();
        Assert.DoesNotContain(log.Entries, entry => entry.Level >= LogLevel.Error);
    }

    private static async Task<WebApplication> StartAsync(bool tls, CountingPool pool, RecordingLog log, RequestDelegate application)
    {
        WebApplicationBuilder builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.Services.AddSingleton<ILoggerProvider>(log);
        builder.Logging.SetMinimumLevel(LogLevel.Debug);
        builder.Services.AddOneShotArena(options => options.Capacity = 4 * 1024 * 1024);
        builder.WebHost.UseKestrelHttpsConfiguration();
        builder.WebHost.ConfigureKestrel(options => options.Listen(IPAddress.Loopback, 0, listen =>
        {
            listen.Use(next => connection =>
            {
                connection.Features.Set<IMemoryPoolFeature>(pool);
                return next(connection);
            });
            if (tls)
            {
                listen.UseHttps(TestCertificate.Make());
            }

            listen.UseOneShotHttp1();
        }));
        WebApplication app = builder.Build();
        app.Run(application);
        await app.StartAsync();
        return app;
    }
}
