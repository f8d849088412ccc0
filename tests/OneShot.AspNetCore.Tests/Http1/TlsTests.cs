using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using Microsoft.AspNetCore.Connections.Features;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http.Features;
using OneShot.AspNetCore.Tests.Http1.Transport;

namespace OneShot.AspNetCore.Tests.Http1;

/// <summary>TLS is Kestrel's, in whichever way the endpoint got it; behind it HTTP/1.1 is the front's and HTTP/2 is Kestrel's.</summary>
public sealed class TlsTests
{
    private static readonly X509Certificate2 s_certificate = TestCertificate.Make();

    public enum Way
    {
        /// <summary><c>UseHttps()</c>, then the front, on the endpoint.</summary>
        FrontBehind,

        /// <summary>The front in the endpoint defaults, <c>UseHttps()</c> on the endpoint.</summary>
        FrontInDefaults,

        /// <summary>The front in the endpoint defaults, an https endpoint from configuration.</summary>
        FromConfiguration,
    }

    public static TheoryData<Way> Ways => [Way.FrontBehind, Way.FrontInDefaults, Way.FromConfiguration];

    [Theory]
    [MemberData(nameof(Ways))]
    public async Task Http11_is_the_fronts_and_http2_is_Kestrels(Way way)
    {
        await using WebApplication app = await StartAsync(way);
        Uri address = AddressOf(app);

        foreach ((Version version, string expected) in new[] { (HttpVersion.Version11, "HTTP/1.1 https front "), (HttpVersion.Version20, "HTTP/2 https Kestrel ") })
        {
            using HttpClient client = MakeClient(address, version);
            for (int i = 0; i < 3; i++)
            {
                using HttpResponseMessage response = await client.PostAsync("/", new StringContent(new string('b', 50_000)));
                Assert.Equal(expected + "50000", await response.Content.ReadAsStringAsync());
            }
        }
    }

    [Theory]
    [MemberData(nameof(Ways))]
    public async Task A_graceful_stop_does_not_wait_for_idle_connections(Way way)
    {
        await using WebApplication app = await StartAsync(way);
        using var socket = new TcpClient();
        Uri address = AddressOf(app);
        await socket.ConnectAsync(address.Host, address.Port);
        await using var tls = new SslStream(socket.GetStream(), false, IsOurs);
        await tls.AuthenticateAsClientAsync("localhost");
        await tls.WriteAsync("GET / HTTP/1.1\r\nHost: localhost\r\n\r\n"u8.ToArray());
        byte[] buffer = new byte[4096];
        Assert.StartsWith("HTTP/1.1 200", Encoding.ASCII.GetString(buffer, 0, await tls.ReadAsync(buffer)), StringComparison.Ordinal);

        await app.StopAsync().WaitAsync(TimeSpan.FromSeconds(20));

        await tls.CopyToAsync(Stream.Null).WaitAsync(Limits.Patience); // to the end, which comes
    }

    private static async Task<WebApplication> StartAsync(Way way)
    {
        WebApplicationBuilder builder = WebApplication.CreateBuilder();
        builder.Logging.ClearProviders();
        builder.Services.AddOneShotArena(options => options.Capacity = 4 * 1024 * 1024);
        if (way != Way.FrontBehind)
        {
            builder.WebHost.UseOneShotHttp1();
        }

        if (way == Way.FromConfiguration)
        {
            builder.Configuration.AddInMemoryCollection(new Dictionary<string, string?>
            {
                ["Kestrel:Endpoints:Secure:Url"] = "https://127.0.0.1:0",
            });
            builder.WebHost.ConfigureKestrel(options =>
                options.ConfigureHttpsDefaults(https => https.ServerCertificate = s_certificate));
        }
        else
        {
            builder.WebHost.ConfigureKestrel(options => options.Listen(IPAddress.Loopback, 0, listen =>
            {
                listen.UseHttps(s_certificate);
                if (way == Way.FrontBehind)
                {
                    listen.UseOneShotHttp1();
                }
            }));
        }

        WebApplication app = builder.Build();
        app.UseOneShotArena();
        app.Run(async context =>
        {
            using var body = new MemoryStream();
            await context.Request.Body.CopyToAsync(body);
            bool front = context.Features.Get<IHttpRequestFeature>() is AspNetCore.Http1.Http1Features;
            Assert.NotNull(context.Features.Get<ITlsHandshakeFeature>());
            await context.Response.WriteAsync($"{context.Request.Protocol} {context.Request.Scheme} {(front ? "front" : "Kestrel")} {body.Length}");
        });
        await app.StartAsync();
        return app;
    }

    private static Uri AddressOf(WebApplication app) =>
        new(app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.Single());

    private static bool IsOurs(object sender, X509Certificate? certificate, X509Chain? chain, SslPolicyErrors errors) =>
        certificate?.GetCertHashString() == s_certificate.GetCertHashString();

    private static HttpClient MakeClient(Uri address, Version version) => new(new SocketsHttpHandler
    {
        SslOptions = { RemoteCertificateValidationCallback = IsOurs },
    })
    {
        BaseAddress = address,
        DefaultRequestVersion = version,
        DefaultVersionPolicy = HttpVersionPolicy.RequestVersionExact,
    };
}
