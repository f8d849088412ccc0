using System.Globalization;
using System.IO.Pipelines;
using System.Net;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.Extensions.DependencyInjection.Extensions;

namespace OneShot.Stress.Tests.Servers;

/// <summary>The front under PerRequest, on loopback sockets or on another transport, with every connection counted and its writer watched.</summary>
internal sealed class StressServer : IAsyncDisposable
{
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(120);

    private readonly WebApplication _app;
    private readonly Watch _watch;
    private readonly WeakReference?[] _latest = new WeakReference?[1000];
    private int _open;
    private int _connections;

    private StressServer(Watch watch, Action<WebApplicationBuilder> configure, Action<WebApplication> application, Func<ConnectionContext, ConnectionContext>? prepare)
    {
        _watch = watch;
        WebApplicationBuilder builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore();
        builder.Services.AddSingleton<ILoggerProvider>(watch);
        builder.Logging.SetMinimumLevel(LogLevel.Debug);
        builder.Services.AddOneShotArena(options =>
        {
            options.Capacity = 64 * 1024 * 1024;
            options.Reclamation = ArenaReclamation.PerRequest;
        });
        builder.WebHost.ConfigureKestrel(server => server.Listen(IPAddress.Loopback, 0, listen =>
        {
            listen.Use(next => connection => CountAsync(prepare is null ? connection : prepare(connection), next));
            listen.UseOneShotHttp1();
        }));
        configure(builder);
        _app = builder.Build();
        _app.UseOneShotArena();
        application(_app);
    }

    public IServiceProvider Services => _app.Services;

    /// <summary>Connections that have not ended.</summary>
    public int Open => Volatile.Read(ref _open);

    /// <summary>Connections there have been.</summary>
    public int Connections => Volatile.Read(ref _connections);

    public IPEndPoint EndPoint
    {
        get
        {
            string address = _app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.Single();
            return new IPEndPoint(IPAddress.Loopback, int.Parse(address[(address.LastIndexOf(':') + 1)..], CultureInfo.InvariantCulture));
        }
    }

    /// <summary>Starts a server.</summary>
    /// <param name="watch">Hears what goes wrong.</param>
    /// <param name="application">The pipeline behind the arena.</param>
    /// <param name="configure">Services: a transport, a clock, other options.</param>
    /// <param name="prepare">Sees each connection before the front does.</param>
    public static async Task<StressServer> StartAsync(
        Watch watch, Action<WebApplication> application, Action<WebApplicationBuilder>? configure = null, Func<ConnectionContext, ConnectionContext>? prepare = null)
    {
        var server = new StressServer(watch, configure ?? (_ => { }), application, prepare);
        await server._app.StartAsync();
        return server;
    }

    /// <summary>Replaces the sockets.</summary>
    public static void UseTransport(WebApplicationBuilder builder, IConnectionListenerFactory transport)
    {
        builder.Services.RemoveAll<IConnectionListenerFactory>();
        builder.Services.AddSingleton(transport);
    }

    /// <summary>Gracefully: a connection that will not end is a failure, and not cut by the host's own timeout of 30 seconds.</summary>
    public Task StopAsync() => _app.StopAsync(CancellationToken.None).WaitAsync(s_patience);

    /// <summary>Waits until no connection is left and nothing is held any more. The last connections may not even have been accepted yet.</summary>
    public async Task RestsAsync()
    {
        using var patience = new CancellationTokenSource(s_patience);
        while (Open > 0 || BaseLine.WhatIsHeld(Services) is not null)
        {
            Assert.False(patience.IsCancellationRequested, $"{Open} connections have not ended. {BaseLine.WhatIsHeld(Services)}");
            await Task.Yield();
        }
    }

    /// <summary>Waits until none of the last thousand connections is in memory. The server ends the last ones behind the middleware that counts them.</summary>
    public async Task ForgetsAsync()
    {
        using var patience = new CancellationTokenSource(s_patience);
        while (_latest.Count(connection => connection?.IsAlive == true) is > 0 and var remembered)
        {
            if (patience.IsCancellationRequested)
            {
                string[] which = [.. _latest.Select(connection => connection?.Target).OfType<ConnectionContext>().Select(connection =>
                    $"{connection.ConnectionId}, {(connection.ConnectionClosed.IsCancellationRequested ? "closed" : "open")}")];
                Assert.Fail($"{remembered} connections are still in memory: {string.Join("; ", which)}");
            }

            await Task.Yield();
            GC.Collect();
        }
    }

    public async ValueTask DisposeAsync() => await _app.DisposeAsync();

    private async Task CountAsync(ConnectionContext connection, ConnectionDelegate next)
    {
        Interlocked.Increment(ref _open);
        _latest[Interlocked.Increment(ref _connections) % _latest.Length] = new WeakReference(connection);
        connection.Transport = new WatchedPipe(connection.Transport.Input, new WatchedWriter(connection.Transport.Output, _watch.Complain));
        try
        {
            await next(connection);
        }
        finally
        {
            Interlocked.Decrement(ref _open);
        }
    }

    private sealed record WatchedPipe(PipeReader Input, PipeWriter Output) : IDuplexPipe;
}
