using System.Net.Http.Headers;
using System.Security.Cryptography.X509Certificates;

namespace HeaderServer.Kubernetes;

/// <summary>The API server, as a pod reaches it: by two variables and the files of its service account.</summary>
internal static class Cluster
{
    private const string ServiceAccount = "/var/run/secrets/kubernetes.io/serviceaccount";

    /// <summary>A client of the API server; the token is read anew for each request, since the kubelet renews it.</summary>
    /// <exception cref="InvalidSettingException">The process runs in no cluster, or has no service account.</exception>
    public static HttpClient Connect()
    {
        string? host = Environment.GetEnvironmentVariable("KUBERNETES_SERVICE_HOST");
        string port = Environment.GetEnvironmentVariable("KUBERNETES_SERVICE_PORT") ?? "443";
        if (string.IsNullOrEmpty(host) || !File.Exists(TokenFile))
        {
            throw new InvalidSettingException($"{RestartGate.Key} is set, but this process is in no pod with a service account: leave it out, or mount the token.");
        }

        string authority = host.Contains(':', StringComparison.Ordinal) ? $"[{host}]:{port}" : $"{host}:{port}";
        X509Certificate2Collection authorities = []; // more than one while the cluster changes them
        authorities.ImportFromPemFile(Path.Combine(ServiceAccount, "ca.crt"));
        return new HttpClient(new TokenHandler { InnerHandler = Trusting(authorities) })
        {
            BaseAddress = new Uri($"https://{authority}"),
            Timeout = TimeSpan.FromSeconds(5),
        };
    }

    public static string Namespace => File.ReadAllText(Path.Combine(ServiceAccount, "namespace")).Trim();

    private static string TokenFile => Path.Combine(ServiceAccount, "token");

    private static SocketsHttpHandler Trusting(X509Certificate2Collection authorities)
    {
        X509ChainPolicy policy = new() { TrustMode = X509ChainTrustMode.CustomRootTrust, RevocationMode = X509RevocationMode.NoCheck };
        policy.CustomTrustStore.AddRange(authorities);
        return new SocketsHttpHandler { UseProxy = false, SslOptions = { CertificateChainPolicy = policy } };
    }

    private sealed class TokenHandler : DelegatingHandler
    {
        protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            string token = await File.ReadAllTextAsync(TokenFile, cancellationToken);
            request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", token.Trim());
            return await base.SendAsync(request, cancellationToken);
        }
    }
}
