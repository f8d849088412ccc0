using System.IO.Pipelines;
using System.Net;
using System.Net.Security;
using System.Security.Cryptography.X509Certificates;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Connections.Features;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.Server.Kestrel.Https;
using Microsoft.Extensions.DependencyInjection.Extensions;
using OneShot.AspNetCore.Tests.Http1.Transport;

namespace OneShot.AspNetCore.Tests.Hosting.Chain;

/// <summary>A server with one endpoint, put together as a <see cref="ChainCase"/> says, over a transport without sockets.</summary>
internal sealed class ChainServer : IAsyncDisposable
{
    internal static readonly X509Certificate2 Certificate = TestCertificate.Make();

    private static readonly string s_certificateFile = WriteCertificate();

    private readonly WebApplication _app;
    private readonly InMemoryTransport _transport = new();

    private ChainServer(ChainCase chain)
    {
        WebApplicationBuilder builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore().UseKestrelHttpsConfiguration();
        builder.Services.RemoveAll<IConnectionListenerFactory>();
        builder.Services.AddSingleton<IConnectionListenerFactory>(_transport);
        builder.Services.AddSingleton<ILoggerProvider>(Log);
        builder.Logging.SetMinimumLevel(LogLevel.Debug);
        builder.Services.AddOneShotArena(options => options.Capacity = 4 * 1024 * 1024);
        if (chain.Form is Form.WebHost or Form.Both)
        {
            builder.WebHost.UseOneShotHttp1();
        }

        Configure(builder, chain);
        if (chain.Form == Form.WebHostAfterKestrel)
        {
            builder.WebHost.UseOneShotHttp1();
        }

        _app = builder.Build();
        _app.Run(context =>
        {
            bool front = context.Features.Get<IHttpRequestFeature>() is AspNetCore.Http1.Http1Features;
            context.Response.Headers["Served-By"] = front ? "front" : "Kestrel";
            return context.Response.WriteAsync(
                $"{context.Request.Protocol} {context.Request.Scheme} {context.Connection.RemoteIpAddress}:{context.Connection.RemotePort} "
                + $"{context.Connection.ClientCertificate?.Subject} {context.Request.Path} {context.Features.Get<ITlsHandshakeFeature>() is not null}");
        });
    }

    internal RecordingLog Log { get; } = new();

    internal static async Task<ChainServer> StartAsync(ChainCase chain)
    {
        var server = new ChainServer(chain);
        await server._app.StartAsync();
        return server;
    }

    internal InMemoryConnection Connect()
    {
        (InMemoryConnectionContext server, PipeReader input, PipeWriter output) = _transport.Open();
        return new InMemoryConnection(server, input, output);
    }

    public async ValueTask DisposeAsync()
    {
        await _app.StopAsync().WaitAsync(Limits.Patience);
        await _app.DisposeAsync();
    }

    private static void Configure(WebApplicationBuilder builder, ChainCase chain)
    {
        if (chain.IsAddress)
        {
            builder.WebHost.UseUrls(chain.IsTls ? "https://127.0.0.1:5000" : "http://127.0.0.1:5000");
        }

        if (chain.IsFromConfiguration)
        {
            const string endpoint = "Kestrel:Endpoints:A:";
            builder.Configuration[endpoint + "Url"] = chain.IsTls ? "https://127.0.0.1:5000" : "http://127.0.0.1:5000";
            if (chain.Tls == Tls.FromConfigurationBySni)
            {
                builder.Configuration[endpoint + "Sni:localhost:Certificate:Path"] = s_certificateFile;
                builder.Configuration[endpoint + "Sni:localhost:Protocols"] = "Http1AndHttp2";
                builder.Configuration[endpoint + "Sni:http2.localhost:Certificate:Path"] = s_certificateFile;
                builder.Configuration[endpoint + "Sni:http2.localhost:Protocols"] = "Http2";
            }
            else if (chain.WantsClientCertificate)
            {
                builder.Configuration[endpoint + "ClientCertificateMode"] = "RequireCertificate";
            }
        }

        builder.WebHost.ConfigureKestrel(kestrel =>
        {
            kestrel.ConfigureHttpsDefaults(https =>
            {
                https.ServerCertificate = Certificate;
                https.ClientCertificateValidation = static (_, _, _) => true;
            });
            if (chain.IsFromConfiguration)
            {
                kestrel.Configure(builder.Configuration.GetSection("Kestrel")).Endpoint("A", endpoint => AddLines(endpoint.ListenOptions, chain));
            }
            else if (chain.IsAddress)
            {
                // The only way to write lines for such an endpoint is in the defaults, which replace the front's.
                if (chain.Form is not (Form.WebHost or Form.WebHostAfterKestrel or Form.None) || chain.Neighbour != Neighbour.None || chain.End != ChainEnd.Http)
                {
                    kestrel.ConfigureEndpointDefaults(listen => AddLines(listen, chain));
                }
            }
            else
            {
                kestrel.Listen(IPAddress.Loopback, 5000, listen => AddLines(listen, chain));
            }
        });
    }

    private static void AddLines(ListenOptions listen, ChainCase chain)
    {
        List<Action> lines = [];
        if (chain.IsTls && !chain.IsFromConfiguration && !chain.IsAddress)
        {
            lines.Add(() => UseTls(listen, chain));
        }

        lines.Insert(chain.NeighbourFirst ? 0 : lines.Count, () => UseNeighbour(listen, chain.Neighbour));
        if (chain.End == ChainEnd.Handler)
        {
            lines.Add(() => listen.UseConnectionHandler<GreetingHandler>());
        }
        else if (chain.End == ChainEnd.Terminal)
        {
            lines.Add(() => listen.Run(Neighbours.GreetAsync));
        }

        switch (chain.Form)
        {
            case Form.EndpointFirst:
                lines.Insert(0, () => listen.UseOneShotHttp1());
                break;
            case Form.EndpointInBetween:
                lines.Insert(lines.Count / 2, () => listen.UseOneShotHttp1());
                break;
            case Form.EndpointLast or Form.Both:
                lines.Add(() => listen.UseOneShotHttp1());
                break;
        }

        foreach (Action line in lines)
        {
            line();
        }
    }

    private static void UseTls(ListenOptions listen, ChainCase chain)
    {
        if (chain.Tls == Tls.ByCallback)
        {
            listen.UseHttps(new TlsHandshakeCallbackOptions
            {
                OnConnection = static _ => ValueTask.FromResult(new SslServerAuthenticationOptions { ServerCertificate = Certificate }),
            });
        }
        else
        {
            listen.UseHttps(https => https.ClientCertificateMode =
                chain.WantsClientCertificate ? ClientCertificateMode.RequireCertificate : ClientCertificateMode.NoCertificate);
        }
    }

    private static void UseNeighbour(ListenOptions listen, Neighbour neighbour)
    {
        switch (neighbour)
        {
            case Neighbour.AllowsAll:
                listen.Use(next => connection => next(connection));
                break;
            case Neighbour.DeniesAll:
                listen.Use(_ => connection =>
                {
                    connection.Abort();
                    return Task.CompletedTask;
                });
                break;
            case Neighbour.Logging:
                listen.UseConnectionLogging("Chain");
                break;
            case Neighbour.Proxy:
                listen.Use(Neighbours.Proxy);
                break;
            case Neighbour.ProxyInOwnContext:
                listen.Use(Neighbours.ProxyInOwnContext);
                break;
            case Neighbour.Cipher:
                listen.Use(Neighbours.Cipher);
                break;
            case Neighbour.CipherInCopy:
                listen.Use(Neighbours.CipherInCopy);
                break;
            case Neighbour.CipherOnDemand:
                listen.Use(Neighbours.CipherOnDemand);
                break;
        }
    }

    private static string WriteCertificate()
    {
        string path = Path.Combine(AppContext.BaseDirectory, "chain-certificate.pfx");
        File.WriteAllBytes(path, Certificate.Export(X509ContentType.Pfx));
        return path;
    }

    private sealed class GreetingHandler : ConnectionHandler
    {
        public override Task OnConnectedAsync(ConnectionContext connection) => Neighbours.GreetAsync(connection);
    }
}
