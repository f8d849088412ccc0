using System.Net.Security;
using System.Security.Authentication;
using System.Text;
using OneShot.AspNetCore.Tests.Http1.Transport;

namespace OneShot.AspNetCore.Tests.Hosting.Chain;

/// <summary>What a client says, and over what. The answer is all that comes back, without what differs from time to time.</summary>
internal sealed record Conversation(string Name, byte[] Bytes, bool OverTls = false, string? Alpn = null, bool HasCertificate = false, string Host = "localhost", bool IsDisguised = false)
{
    private static readonly byte[] s_get = Encoding.ASCII.GetBytes("GET /a HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n");
    private static readonly byte[] s_http2 = [.. "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"u8, 0, 0, 0, 4, 0, 0, 0, 0, 0];

    internal static readonly IReadOnlyList<Conversation> Plain =
    [
        new("plain", s_get),
        new("silence", []),
        new("http2", s_http2),
        new("proxied", [.. "PROXY 77\r\n"u8, .. s_get]),
        new("a TLS record", [0x16, 3, 1, 0, 5, 1, 0, 0, 1, 0, 13, 10, 13, 10]),
        new("disguised", s_get, IsDisguised: true),
    ];

    internal static readonly IReadOnlyList<Conversation> Secure =
    [
        new("plain to TLS", s_get),
        new("plain http2 to TLS", s_http2),
        new("proxied plain to TLS", [.. "PROXY 77\r\n"u8, .. s_get]),
        new("TLS", s_get, OverTls: true),
        new("TLS with ALPN", s_get, OverTls: true, Alpn: "http/1.1"),
        new("TLS with a certificate", s_get, OverTls: true, Alpn: "http/1.1", HasCertificate: true),
        new("TLS, proxied", [.. "PROXY 77\r\n"u8, .. s_get], OverTls: true, Alpn: "http/1.1", HasCertificate: true),
        new("TLS, disguised", s_get, OverTls: true, Alpn: "http/1.1", HasCertificate: true, IsDisguised: true),
        new("TLS, HTTP/2", s_http2, OverTls: true, Alpn: "h2", HasCertificate: true),
        new("TLS for HTTP/2 only, without ALPN", s_get, OverTls: true, HasCertificate: true, Host: "http2.localhost"),
        new("silence", []),
    ];

    /// <summary>What clients of the endpoint say.</summary>
    internal static IEnumerable<Conversation> For(ChainCase chain)
    {
        if (!chain.IsTls)
        {
            return Plain;
        }

        // TLS waits for the length that a disguised record gives, and HTTP for a line's end that is disguised, until their time is over.
        bool isCipher = chain.IsDisguised;
        bool disguisesTls = isCipher && (chain.NeighbourFirst || chain.IsFromConfiguration || chain.IsAddress);
        return Secure.Where(conversation => !conversation.OverTls || (!disguisesTls && conversation.IsDisguised == isCipher));
    }

    internal async Task<string> HoldAsync(ChainServer server)
    {
        await using InMemoryConnection connection = server.Connect();
        Stream stream = new DuplexStream(connection.Input.AsStream(), connection.Output.AsStream());
        string answer;
        try
        {
            if (OverTls)
            {
                var tls = new SslStream(stream, leaveInnerStreamOpen: true);
                await tls.AuthenticateAsClientAsync(new SslClientAuthenticationOptions
                {
                    TargetHost = Host,
                    RemoteCertificateValidationCallback = TestCertificate.IsOne,
                    ApplicationProtocols = Alpn is null ? null : [new SslApplicationProtocol(Alpn)],
                    ClientCertificates = HasCertificate ? [ChainServer.Certificate] : null,
                    AllowTlsResume = false, // or the session of one without a certificate goes on
                }).WaitAsync(Limits.Patience);
                stream = tls;
            }

            byte[] bytes = [.. Bytes];
            if (IsDisguised)
            {
                Neighbours.Disguise(bytes);
            }

            await stream.WriteAsync(bytes);
            await stream.FlushAsync();
            if (!OverTls)
            {
                await connection.FinishSendingAsync();
            }

            answer = await ReadAsync(stream);
        }
        catch (Exception exception) when (exception is IOException or AuthenticationException or InvalidOperationException)
        {
            answer = exception.GetType().Name;
        }

        return answer;
    }

    /// <summary>Who has answered, if HTTP was answered.</summary>
    internal static string? ServedBy(string answer) =>
        answer.Contains("Served-By: front", StringComparison.Ordinal) ? "front"
        : answer.Contains("Served-By: Kestrel", StringComparison.Ordinal) ? "Kestrel" : null;

    /// <summary>The answer without its header fields.</summary>
    internal static string Essence(string answer)
    {
        int line = answer.IndexOf("\r\n", StringComparison.Ordinal);
        int body = answer.IndexOf("\r\n\r\n", StringComparison.Ordinal);
        if (answer.StartsWith("HTTP/", StringComparison.Ordinal) && body > 0)
        {
            return answer[..line] + " | " + answer[(body + 4)..];
        }

        return answer.Length > 0 && !char.IsAsciiLetterOrDigit(answer[0]) ? answer[..Math.Min(9, answer.Length)] : answer;
    }

    private async Task<string> ReadAsync(Stream stream)
    {
        var answer = new StringBuilder();
        byte[] buffer = new byte[4096];
        while (true)
        {
            int read = await stream.ReadAsync(buffer).AsTask().WaitAsync(Limits.Patience);
            if (read == 0)
            {
                return answer.ToString();
            }

            if (IsDisguised)
            {
                Neighbours.Disguise(buffer.AsSpan(0, read));
            }

            answer.Append(Encoding.Latin1.GetString(buffer, 0, read));
            if (Alpn == "h2" && answer.Length >= 9)
            {
                return answer.ToString(0, 9); // the first frame's head tells who answers
            }
        }
    }
}
