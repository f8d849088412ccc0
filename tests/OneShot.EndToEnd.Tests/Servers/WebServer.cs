using System.Net;
using System.Text;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using OneShot.AspNetCore.Hosting;

namespace OneShot.EndToEnd.Tests.Servers;

/// <summary>An application on loopback, on a server of one kind. What it says about itself comes from the outside: Kestrel's metrics.</summary>
internal sealed class WebServer : IAsyncDisposable
{
    private readonly HashSet<string> _connections = [];
    private readonly ServerKind _kind;
    private int _requests;

    private WebServer(ServerKind kind, WebApplication app)
    {
        _kind = kind;
        App = app;
        Connections = new ConnectionMeter(app.Services);
        Log = app.Services.GetRequiredService<RecordingLog>();
    }

    internal WebApplication App { get; }

    /// <summary>How many connections are open, by Kestrel's own count.</summary>
    internal ConnectionMeter Connections { get; }

    /// <summary>What was logged as an error.</summary>
    internal RecordingLog Log { get; }

    internal IServiceProvider Services => App.Services;

    /// <summary>The first endpoint.</summary>
    internal Uri Address => Addresses[0];

    internal Uri[] Addresses { get; private set; } = [];

    /// <summary>Requests that have come in.</summary>
    internal int Requests => Volatile.Read(ref _requests);

    /// <summary>Connections that have carried a request.</summary>
    internal int ConnectionsUsed
    {
        get
        {
            lock (_connections)
            {
                return _connections.Count;
            }
        }
    }

    /// <summary>Starts an application; on <c>127.0.0.1:0</c> unless <paramref name="kestrel"/> lists endpoints.</summary>
    internal static async Task<WebServer> StartAsync(
        ServerKind kind,
        Action<WebApplication> application,
        Action<WebApplicationBuilder>? services = null,
        Action<KestrelServerOptions>? kestrel = null,
        string? webRoot = null)
    {
        WebApplicationBuilder builder = WebApplication.CreateBuilder(new WebApplicationOptions
        {
            EnvironmentName = Environments.Production,
            WebRootPath = webRoot,
        });
        builder.Logging.ClearProviders();
        var log = new RecordingLog(LogLevel.Error);
        builder.Logging.AddProvider(log);
        builder.Services.AddSingleton(log);
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        if (kestrel is not null)
        {
            builder.WebHost.ConfigureKestrel(kestrel);
        }

        if (kind.IsOnTransport)
        {
            builder.WebHost.UseOneShotTransport();
        }

        if (kind.IsFront)
        {
            builder.Services.AddOneShotArena(options =>
            {
                options.Capacity = 64 << 20;
                options.Reclamation = kind == ServerKind.Front ? ArenaReclamation.Never : ArenaReclamation.PerRequest;
            });
            builder.WebHost.UseOneShotHttp1();
        }

        services?.Invoke(builder);
        var server = new WebServer(kind, builder.Build());
        server.App.Use(server.ObserveAsync);
        if (kind.IsFront)
        {
            server.App.UseOneShotArena();
        }

        application(server.App);
        await server.App.StartAsync();
        server.Addresses = [.. server.App.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses
            .Where(address => !address.Contains("unix:", StringComparison.Ordinal))
            .Select(address => new Uri(address))];
        return server;
    }

    /// <summary>A client of its own, with connections of its own, that follows nothing and keeps no cookies.</summary>
    internal HttpClient CreateClient() => new(new SocketsHttpHandler
    {
        AllowAutoRedirect = false,
        UseCookies = false,
        UseProxy = false,
        RequestHeaderEncodingSelector = (_, _) => Encoding.UTF8,
    })
    {
        BaseAddress = Address,
        Timeout = Eventually.Patience,
        DefaultRequestVersion = HttpVersion.Version11,
    };

    public async ValueTask DisposeAsync()
    {
        await App.StopAsync().WaitAsync(Eventually.Patience);
        await App.DisposeAsync();
        Connections.Dispose();
    }

    private Task ObserveAsync(HttpContext context, RequestDelegate next)
    {
        Interlocked.Increment(ref _requests);
        lock (_connections)
        {
            _connections.Add(context.Connection.Id);
        }

        // A test of the front that stock Kestrel answered would prove nothing; HTTP/2 is Kestrel's at all times.
        bool front = context.Features.Get<IHttpRequestFeature>()!.GetType().Assembly == typeof(OneShotOptions).Assembly;
        bool expected = _kind.IsFront && !HttpProtocol.IsHttp2(context.Request.Protocol);
        return front == expected ? next(context) : throw new InvalidOperationException("Another server than the one under test has answered.");
    }
}
