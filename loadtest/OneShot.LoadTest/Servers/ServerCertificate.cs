using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace OneShot.LoadTest.Servers;

/// <summary>A certificate for 127.0.0.1 that signs itself, in files that servers read. Disposing it deletes them.</summary>
internal sealed class ServerCertificate : IDisposable
{
    private static readonly TimeSpan s_life = TimeSpan.FromDays(2);

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("oneshot-tls-");
    private readonly string _hash;

    public ServerCertificate()
    {
        using ECDsa key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        CertificateRequest request = new("CN=127.0.0.1", key, HashAlgorithmName.SHA256);
        SubjectAlternativeNameBuilder names = new();
        names.AddIpAddress(IPAddress.Loopback);
        request.CertificateExtensions.Add(names.Build());
        DateTimeOffset now = TimeProvider.System.GetUtcNow();
        using X509Certificate2 certificate = request.CreateSelfSigned(now - s_life, now + s_life);
        _hash = certificate.GetCertHashString(HashAlgorithmName.SHA256);
        // The folder is its owner's only, and so is the key.
        File.WriteAllText(CertificateFile, certificate.ExportCertificatePem());
        File.WriteAllText(KeyFile, key.ExportPkcs8PrivateKeyPem());
    }

    public string CertificateFile => Path.Combine(_folder.FullName, "certificate.pem");

    public string KeyFile => Path.Combine(_folder.FullName, "key.pem");

    public bool Is(X509Certificate? other) => other?.GetCertHashString(HashAlgorithmName.SHA256) == _hash;

    public void Dispose() => _folder.Delete(recursive: true);
}
