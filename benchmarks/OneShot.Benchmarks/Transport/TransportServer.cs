using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using OneShot.Testing;

namespace OneShot.Benchmarks.Transport;

/// <summary>The process under load: the front on one transport, and handlers that do what handlers do.</summary>
internal static class TransportServer
{
    internal const string Listening = "Listening on ";

    private static readonly byte[] s_toHash = new byte[256 * 1024];
    private static readonly byte[] s_answer = "Hello, world!"u8.ToArray();

    internal static async Task RunAsync(TransportKind kind, string upstream)
    {
        if (kind == TransportKind.Floor)
        {
            FloorServer.Run(address => Console.WriteLine($"{Listening}http://{address}"));
            return;
        }

        WebApplicationBuilder builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        using X509Certificate2 certificate = TestCertificate.Make();
        builder.WebHost.UseKestrelCore().UseKestrelHttpsConfiguration().ConfigureKestrel(options =>
        {
            // In the order of TransportEndpoint.
            options.Listen(IPAddress.Loopback, 0, endpoint => endpoint.Protocols = HttpProtocols.Http1);
            options.Listen(IPAddress.Loopback, 0, endpoint =>
            {
                endpoint.Protocols = HttpProtocols.Http1;
                endpoint.UseHttps(certificate);
            });
            options.Listen(IPAddress.Loopback, 0, endpoint => endpoint.Protocols = HttpProtocols.Http2);
        });
        builder.Services.AddOneShotArena(options =>
        {
            options.Capacity = kind == TransportKind.OneShotNever ? 4L << 30 : 256 << 20;
            (options.HugePages, options.PopulateAtStart) = kind == TransportKind.OneShotNever ? (true, true) : (false, false);
            options.Reclamation = kind == TransportKind.OneShotNever ? ArenaReclamation.Never : ArenaReclamation.PerRequest;
        });
        builder.WebHost.UseOneShotHttp1();
        if (kind != TransportKind.Sockets)
        {
            builder.WebHost.UseOneShotTransport();
        }

        using var client = new HttpClient(new SocketsHttpHandler { UseProxy = false, UseCookies = false });
        await using WebApplication app = builder.Build();
        app.Run(context => context.Request.Path.Value switch
        {
            "/collect" => CollectAsync(context),
            "/block" => Block(context),
            "/yield" => YieldAsync(context),
            "/timer" => WaitAsync(context),
            "/hash/16" => Hash(context, 16),
            "/hash/64" => Hash(context, 64),
            "/hash/256" => Hash(context, 256),
            "/upstream" => AskAsync(context, client, upstream),
            "/large" => LargeAsync(context),
            "/swallow" => SwallowAsync(context),
            _ => Answer(context),
        });
        await app.StartAsync();
        Console.WriteLine(Listening + string.Join(' ', app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses));
        await ((IHost)app).WaitForShutdownAsync();
    }

    [System.Diagnostics.CodeAnalysis.SuppressMessage("Performance", "CA1859", Justification = "One of several handlers.")]
    private static Task Answer(HttpContext context)
    {
        context.Response.ContentType = "text/plain";
        context.Response.ContentLength = s_answer.Length;
        return context.Response.BodyWriter.WriteAsync(s_answer).AsTask();
    }

    private static async Task CollectAsync(HttpContext context)
    {
        byte[] answer = System.Text.Encoding.ASCII.GetBytes(GC.GetTotalMemory(forceFullCollection: true).ToString(System.Globalization.CultureInfo.InvariantCulture));
        context.Response.ContentLength = answer.Length;
        await context.Response.BodyWriter.WriteAsync(answer);
    }

    private static Task Block(HttpContext context)
    {
        Thread.Sleep(10);
        return Answer(context);
    }

    /// <summary>A handler that computes, as one does that checks a signature or writes a page.</summary>
    private static Task Hash(HttpContext context, int kibibytes)
    {
        Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(s_toHash.AsSpan(0, kibibytes * 1024), hash);
        return Answer(context);
    }

    private static async Task YieldAsync(HttpContext context)
    {
        await Task.Yield();
        await Answer(context);
    }

    private static async Task WaitAsync(HttpContext context)
    {
        await Task.Delay(1);
        await Answer(context);
    }

    private static async Task AskAsync(HttpContext context, HttpClient client, string upstream)
    {
        byte[] answer = await client.GetByteArrayAsync(new Uri(upstream));
        context.Response.ContentLength = answer.Length;
        await context.Response.BodyWriter.WriteAsync(answer);
    }

    private static async Task LargeAsync(HttpContext context)
    {
        const int Size = 64 * 1024;
        context.Response.ContentLength = Size;
        Memory<byte> memory = context.Response.BodyWriter.GetMemory(Size);
        memory.Span[..Size].Fill((byte)'x');
        context.Response.BodyWriter.Advance(Size);
        await context.Response.BodyWriter.FlushAsync();
    }

    private static async Task SwallowAsync(HttpContext context)
    {
        await context.Request.Body.CopyToAsync(Stream.Null);
        await Answer(context);
    }
}
