using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Text;
using Microsoft.AspNetCore.Connections.Features;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core;

namespace OneShot.AspNetCore.Tests.Http1;

/// <summary>As <see cref="StopBehindPromiseTests"/>, but the request that was invited is still in the kernel, or below TLS, when the loop looks for it.</summary>
public sealed class StopOverSocketsTests
{
    private const string Head = " HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\n\r\nabc";

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public static TheoryData<bool, bool> Roads => new MatrixTheoryData<bool, bool>([true, false], [true, false]);

    [Theory]
    [MemberData(nameof(Roads))]
    public async Task The_request_that_has_arrived_is_answered(bool onTransport, bool overTls)
    {
        TaskCompletionSource promised = new(TaskCreationOptions.RunContinuationsAsynchronously);
        TaskCompletionSource told = new(TaskCreationOptions.RunContinuationsAsynchronously);
        TaskCompletionSource stopped = new(TaskCreationOptions.RunContinuationsAsynchronously);
        WebApplicationBuilder builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls();
        builder.WebHost.ConfigureKestrel(options => options.Listen(IPAddress.Loopback, 0, endpoint =>
        {
            endpoint.Protocols = HttpProtocols.Http1;
            endpoint.Use(next => connection =>
            {
                _ = connection.Features.Get<IConnectionLifetimeNotificationFeature>()!.ConnectionClosedRequested.Register(() => told.TrySetResult()); // behind the server's own
                return next(connection);
            });
            if (overTls)
            {
                endpoint.UseHttps(TestCertificate.Make());
            }

            endpoint.UseOneShotHttp1();
        }));
        builder.Services.AddOneShotArena(options => options.Capacity = 16 * 1024 * 1024);
        if (onTransport)
        {
            builder.WebHost.UseOneShotTransport();
        }

        await using WebApplication app = builder.Build();
        app.Run(async context =>
        {
            using StreamReader body = new(context.Request.Body);
            string text = await body.ReadToEndAsync(Cancel) + context.Request.Path;
            context.Response.ContentLength = text.Length;
            await context.Response.StartAsync(Cancel);
            if (context.Request.Path == "/first")
            {
                promised.SetResult();
                await stopped.Task.WaitAsync(Cancel);
            }

            await context.Response.WriteAsync(text, Cancel);
        });
        await app.StartAsync(Cancel);
        using TcpClient client = new();
        await client.ConnectAsync(IPAddress.Loopback, new Uri(app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.Single()).Port, Cancel);
        await using Stream stream = overTls
            ? new SslStream(client.GetStream(), leaveInnerStreamOpen: false, TestCertificate.IsOne)
            : client.GetStream();
        if (stream is SslStream tls)
        {
            await tls.AuthenticateAsClientAsync(new SslClientAuthenticationOptions { TargetHost = "localhost" }, Cancel);
        }

        await stream.WriteAsync(Encoding.ASCII.GetBytes("POST /first" + Head), Cancel);
        await promised.Task.WaitAsync(Cancel);
        Task stopping = app.StopAsync(Cancel);
        await stream.WriteAsync(Encoding.ASCII.GetBytes("POST /second" + Head), Cancel);
        await told.Task.WaitAsync(Cancel);
        if (!onTransport)
        {
            await Task.Delay(500, Cancel); // Kestrel's transport has the request when it has read it by itself, and says so to nobody
        }

        stopped.SetResult();
        using StreamReader answers = new(stream, Encoding.ASCII);
        string[] parts = (await answers.ReadToEndAsync(Cancel)).Split("HTTP/1.1 200 OK\r\n", StringSplitOptions.RemoveEmptyEntries);
        await stopping;

        Assert.Equal(2, parts.Length);
        Assert.DoesNotContain("Connection: close", parts[0], StringComparison.Ordinal);
        Assert.EndsWith("\r\n\r\nabc/first", parts[0], StringComparison.Ordinal);
        Assert.Contains("Connection: close", parts[1], StringComparison.Ordinal);
        Assert.EndsWith("\r\n\r\nabc/second", parts[1], StringComparison.Ordinal);
    }
}
