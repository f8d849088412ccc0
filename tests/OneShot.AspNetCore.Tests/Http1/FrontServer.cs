using System.Buffers;
using System.IO.Pipelines;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection.Extensions;
using OneShot.AspNetCore.Hosting;
using OneShot.AspNetCore.Tests.Http1.Transport;

namespace OneShot.AspNetCore.Tests.Http1;

/// <summary>The whole road with nothing replaced but the socket: host, Kestrel, the front, an application.</summary>
internal sealed class FrontServer : IAsyncDisposable
{
    /// <summary>Kestrel's default, for who tests it by a clock of his own. Otherwise there is none: Kestrel's own clock goes on while a test is held up.</summary>
    internal static readonly MinDataRate UsualBodyRate = new(bytesPerSecond: 240, gracePeriod: TimeSpan.FromSeconds(5));

    private readonly WebApplication _app;
    private readonly InMemoryTransport _transport = new();

    private FrontServer(
        RequestDelegate application, Action<OneShotOptions>? options, Action<KestrelServerOptions>? kestrel,
        Action<IServiceCollection>? services, bool front, Action<ListenOptions>? endpoint)
    {
        WebApplicationBuilder builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore();
        builder.Services.RemoveAll<IConnectionListenerFactory>();
        builder.Services.AddSingleton<IConnectionListenerFactory>(_transport);
        builder.Services.AddSingleton<ILoggerProvider>(Log);
        builder.Logging.SetMinimumLevel(LogLevel.Debug);
        builder.Services.AddOneShotArena(configured =>
        {
            configured.Capacity = 64 * 1024 * 1024;
            configured.Reclamation = ArenaReclamation.PerRequest;
            options?.Invoke(configured);
        });
        builder.WebHost.ConfigureKestrel(server =>
        {
            server.Limits.MinRequestBodyDataRate = null;
            kestrel?.Invoke(server);
            server.ListenLocalhost(5000, listen =>
            {
                endpoint?.Invoke(listen);
                if (front)
                {
                    listen.UseOneShotHttp1();
                }
            });
        });

        services?.Invoke(builder.Services);
        _app = builder.Build();
        _app.UseOneShotArena();
        _app.Run(context =>
        {
            Interlocked.Increment(ref _requests);
            return application(context);
        });
    }

    private int _requests;

    /// <summary>How often the application has run.</summary>
    internal int Requests => Volatile.Read(ref _requests);

    internal RecordingLog Log { get; } = new();

    internal IServiceProvider Services => _app.Services;

    internal static async Task<FrontServer> StartAsync(
        RequestDelegate application,
        Action<OneShotOptions>? options = null,
        Action<KestrelServerOptions>? kestrel = null,
        Action<IServiceCollection>? services = null,
        bool front = true,
        Action<ListenOptions>? endpoint = null)
    {
        var server = new FrontServer(application, options, kestrel, services, front, endpoint);
        await server._app.StartAsync();
        return server;
    }

    /// <param name="room">How many bytes the connection takes in either direction before whoever writes must wait; 0 is any number.</param>
    /// <param name="pool">Where what the client has sent lies until the server takes it; null is the shared pool.</param>
    internal InMemoryConnection Connect(int room = 0, MemoryPool<byte>? pool = null)
    {
        (InMemoryConnectionContext server, PipeReader input, PipeWriter output) = _transport.Open(room, pool);
        return new InMemoryConnection(server, input, output);
    }

    internal Task StopAsync() => _app.StopAsync().WaitAsync(Transport.Limits.Patience);

    public async ValueTask DisposeAsync()
    {
        await StopAsync();
        await _app.DisposeAsync();
    }
}
