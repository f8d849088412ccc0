using System.Globalization;

namespace OneShot.EndToEnd.Tests.Proxies;

/// <summary>nginx, with connections to the front that it keeps, and as it is set up by default.</summary>
public sealed class NginxTests
{
    public static TheoryData<ServerKind> Servers => ServerKinds.Fronts;

    [Theory]
    [MemberData(nameof(Servers))]
    public async Task Everything_goes_through_over_a_few_connections(ServerKind kind)
    {
        Tool.Require("nginx");
        await using WebServer server = await WebServer.StartAsync(kind, ProxyTraffic.Map);
        using var folder = new TemporaryFolder();
        int port = FreePort.Next();
        await using ChildProcess nginx = await StartAsync(folder, port, server.Address.Port, "1.1");

        await ProxyTraffic.CheckAsync(new Uri($"http://127.0.0.1:{port}"));

        Assert.InRange(server.ConnectionsUsed, 1, 20);
        await ProxyTraffic.CheckClosingAsync(new Uri($"http://127.0.0.1:{port}"));
        Assert.Empty(server.Log.Errors);
        Assert.DoesNotContain("[error]", nginx.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Http10_takes_a_connection_for_each_request()
    {
        Tool.Require("nginx");
        await using WebServer server = await WebServer.StartAsync(ServerKind.FrontPerRequest, ProxyTraffic.Map);
        using var folder = new TemporaryFolder();
        int port = FreePort.Next();
        await using ChildProcess nginx = await StartAsync(folder, port, server.Address.Port, "1.0");
        using HttpClient client = ProxyTraffic.Client(new Uri($"http://127.0.0.1:{port}"));

        await ProxyTraffic.CheckManyAsync(client, 50);

        Assert.Equal(5_000_000, (await client.GetByteArrayAsync("/download")).Length);
        Assert.Equal((51, 51), (server.Requests, server.ConnectionsUsed));
    }

    /// <summary>One process, in the foreground, with all its files in one folder.</summary>
    private static Task<ChildProcess> StartAsync(TemporaryFolder folder, int port, int upstream, string version)
    {
        string keepAlive = version == "1.1" ? "keepalive 8;" : "";
        string connection = version == "1.1" ? "$connection_upgrade" : "close";
        string configuration = folder.Write("nginx.conf", string.Create(CultureInfo.InvariantCulture, $$"""
            daemon off;
            master_process off;
            pid {{folder["nginx.pid"]}};
            error_log stderr error;
            events { worker_connections 256; }
            http {
              access_log off;
              client_max_body_size 0;
              client_body_temp_path {{folder["body"]}};
              proxy_temp_path {{folder["proxy"]}};
              fastcgi_temp_path {{folder["fastcgi"]}};
              uwsgi_temp_path {{folder["uwsgi"]}};
              scgi_temp_path {{folder["scgi"]}};
              map $http_upgrade $connection_upgrade { default upgrade; '' ''; }
              upstream front { server 127.0.0.1:{{upstream}}; {{keepAlive}} }
              server {
                listen 127.0.0.1:{{port}};
                location / {
                  proxy_pass http://front;
                  proxy_http_version {{version}};
                  proxy_request_buffering off;
                  proxy_next_upstream off;
                  proxy_set_header Connection {{connection}};
                  proxy_set_header Upgrade $http_upgrade;
                  proxy_set_header Host $host;
                }
              }
            }
            """));
        return ChildProcess.ListeningAsync("nginx", ["-p", folder.Path, "-e", "stderr", "-c", configuration], port);
    }
}
