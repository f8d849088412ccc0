using System.Globalization;

namespace OneShot.LoadTest.Servers;

/// <summary>
/// nginx as a server that does what the sample does at <c>/plaintext</c>: reads a head, and answers with a few bytes that it has to look
/// up in it. One worker, no file touched.
/// </summary>
internal static class NginxConfiguration
{
    /// <summary>Connections of its own, besides the tool's: the listening socket, the channel to the master, a client that asks beforehand.</summary>
    private const int SpareConnections = 64;

    /// <param name="port">On 127.0.0.1.</param>
    /// <param name="connections">Connections at once.</param>
    /// <param name="certificate">For TLS; null without.</param>
    public static string Write(int port, int connections, ServerCertificate? certificate)
    {
        string tls = certificate is null ? "" : $"""

                    ssl_certificate {certificate.CertificateFile};
                    ssl_certificate_key {certificate.KeyFile};
            """;
        return string.Create(CultureInfo.InvariantCulture, $$"""
            daemon off;
            worker_processes 1;
            pid nginx.pid;
            # The line that names the worker is a notice; a request writes none.
            error_log /dev/stdout notice;
            events {
                worker_connections {{connections + SpareConnections}};
            }
            http {
                access_log off;
                keepalive_requests 1000000000;
                keepalive_timeout 3600s;
                # A browser's head in one buffer, as the sample has it, and bodies of any length.
                client_header_buffer_size 4k;
                client_max_body_size 0;
                client_body_temp_path body;
                proxy_temp_path proxy;
                fastcgi_temp_path fastcgi;
                uwsgi_temp_path uwsgi;
                scgi_temp_path scgi;
                default_type text/plain;
                server {
                    listen 127.0.0.1:{{port}} backlog=512{{(certificate is null ? "" : " ssl")}};{{tls}}
                    location / {
                        # "127.0.0.1:20000" is about as long as "Hello, World!".
                        return 200 $http_host;
                    }
                }
            }

            """).ReplaceLineEndings("\n");
    }
}
