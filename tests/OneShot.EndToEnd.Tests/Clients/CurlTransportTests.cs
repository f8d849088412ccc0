using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace OneShot.EndToEnd.Tests.Clients;

/// <summary>The front over what is not plain TCP: TLS, and Unix sockets.</summary>
public sealed class CurlTransportTests
{
    public static TheoryData<ServerKind> Servers => ServerKinds.Fronts;

    [Theory]
    [MemberData(nameof(Servers))]
    public async Task A_unix_socket_serves_like_any_other(ServerKind kind)
    {
        Tool.Require("curl");
        using var folder = new TemporaryFolder();
        string socket = folder["front.sock"];
        await using WebServer server = await WebServer.StartAsync(
            kind, new ClientApplication().Map, kestrel: options => options.ListenUnixSocket(socket));
        byte[] bytes = ClientApplication.Bytes(2_000_000);

        string described = await Curl.OutputAsync("--unix-socket", socket, "http://localhost/describe?[1-3]");
        ToolResult hashed = await Curl.RunAsync(bytes, "--unix-socket", socket, "--data-binary", "@-", "http://localhost/hash");

        Assert.Equal(string.Concat(Enumerable.Range(1, 3).Select(i => $"GET /describe?{i} HTTP/1.1 http localhost ")), described);
        Assert.Equal(Convert.ToHexString(SHA256.HashData(bytes)), hashed.Succeeded().Output);
        Assert.Equal((4, 2), (server.Requests, server.ConnectionsUsed));
    }

    [Theory]
    [MemberData(nameof(Servers))]
    public async Task Tls_speaks_http11_with_the_front_and_http2_with_Kestrel(ServerKind kind)
    {
        Tool.Require("curl");
        using X509Certificate2 certificate = MakeCertificate();
        using var folder = new TemporaryFolder();
        string trusted = folder.Write("ca.pem", certificate.ExportCertificatePem());
        await using WebServer server = await WebServer.StartAsync(
            kind,
            new ClientApplication().Map,
            kestrel: options => options.Listen(IPAddress.Loopback, 0, endpoint => endpoint.UseHttps(certificate)));
        string url = $"https://localhost:{server.Address.Port}/";
        string[] arguments = ["--cacert", trusted, "--resolve", $"localhost:{server.Address.Port}:127.0.0.1", "-w", " %{http_version}", "-d", "x"];

        foreach ((string option, string version) in new[] { ("--http1.1", "1.1"), ("--http2", "2"), ("--no-alpn", "1.1") })
        {
            string described = await Curl.OutputAsync([option, .. arguments, $"{url}describe"]);
            Assert.Equal($"POST /describe HTTP/{version} https localhost:{server.Address.Port}  {version}", described);
        }

        byte[] bytes = ClientApplication.Bytes(2_000_000);
        ToolResult hashed = await Curl.RunAsync(bytes, "--http1.1", "--cacert", trusted, "--data-binary", "@-", "--resolve", $"localhost:{server.Address.Port}:127.0.0.1", $"{url}hash");
        Assert.Equal(Convert.ToHexString(SHA256.HashData(bytes)), hashed.Succeeded().Output);
    }

    private static X509Certificate2 MakeCertificate()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=localhost", key, HashAlgorithmName.SHA256);
        var names = new SubjectAlternativeNameBuilder();
        names.AddDnsName("localhost");
        request.CertificateExtensions.Add(names.Build());
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(certificateAuthority: true, false, 0, critical: true));
        using X509Certificate2 made = request.CreateSelfSigned(DateTimeOffset.UtcNow.AddDays(-1), DateTimeOffset.UtcNow.AddDays(1));
        return X509CertificateLoader.LoadPkcs12(made.Export(X509ContentType.Pkcs12), null);
    }
}
