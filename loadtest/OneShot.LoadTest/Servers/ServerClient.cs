namespace OneShot.LoadTest.Servers;

/// <summary>A client for the few requests of our own, beside those of the tools.</summary>
internal static class ServerClient
{
    /// <param name="certificate">What the server must show over TLS; null for servers without.</param>
    public static HttpClient Create(ServerCertificate? certificate)
    {
        SocketsHttpHandler handler = new() { AllowAutoRedirect = false, UseProxy = false };
        if (certificate is not null)
        {
            handler.SslOptions.RemoteCertificateValidationCallback = (_, shown, _, _) => certificate.Is(shown);
        }

        return new HttpClient(handler) { Timeout = TimeSpan.FromSeconds(10) };
    }
}
