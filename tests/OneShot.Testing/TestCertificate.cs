using System.Net.Security;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace OneShot.Testing;

/// <summary>A certificate that nobody signed, for one run.</summary>
public static class TestCertificate
{
    private const string Subject = "CN=localhost";

    /// <summary>A client's check: the server's certificate is one of these.</summary>
    public static bool IsOne(object sender, X509Certificate? certificate, X509Chain? chain, SslPolicyErrors errors) =>
        certificate?.Subject == Subject;

    /// <summary>Of <c>localhost</c>, for two days, with its key.</summary>
    public static X509Certificate2 Make()
    {
        using RSA key = RSA.Create(2048);
        var request = new CertificateRequest(Subject, key, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1);
        using X509Certificate2 certificate = request.CreateSelfSigned(DateTimeOffset.UtcNow.AddDays(-1), DateTimeOffset.UtcNow.AddDays(1));
        return X509CertificateLoader.LoadPkcs12(certificate.Export(X509ContentType.Pfx), null);
    }
}
