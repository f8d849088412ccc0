using System.Net;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using OneShot.AspNetCore.Http1;
using OneShot.Differential.Tests.Application;
using OneShot.Differential.Tests.Transport;
using OneShot.Transport.Hosting;

namespace OneShot.Differential.Tests.Servers;

/// <summary>One process, one application, one set of options, and on each kind of transport (memory, sockets, OneShot's) two endpoints: stock Kestrel and the front.</summary>
internal sealed class TwinServers : IAsyncDisposable
{
    private readonly WebApplication _app;

    private TwinServers(WebApplication app, Twin stock, Twin front)
    {
        _app = app;
        Stock = stock;
        Front = front;
    }

    internal Twin Stock { get; }

    internal Twin Front { get; }

    internal static async Task<TwinServers> StartAsync(Action<KestrelServerLimits>? limits = null, Action<Http1Options>? http1 = null)
    {
        var seen = new SeenRequests();
        var refusals = new RefusalLog();
        var transport = new MemoryTransport();
        WebApplicationBuilder builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.Logging.SetMinimumLevel(LogLevel.None);
        builder.Logging.AddProvider(refusals);
        builder.Logging.AddFilter(RefusalLog.FrontCategory, LogLevel.Debug);
        builder.Logging.AddFilter(RefusalLog.StockCategory, LogLevel.Debug);
        builder.Services.AddSingleton<IConnectionListenerFactory>(transport);
        builder.Services.AddSingleton<OneShotTransportFactory>();
        builder.Services.AddSingleton<IConnectionListenerFactory, LoopTransport>();
        builder.Services.AddOneShotArena(options =>
        {
            options.Reclamation = ArenaReclamation.PerRequest;
            http1?.Invoke(options.Http1);
        });

        var stockMemory = new MemoryEndPoint("stock");
        var frontMemory = new MemoryEndPoint("front");
        ListenOptions? stockSocket = null;
        ListenOptions? frontSocket = null;
        ListenOptions? stockLoop = null;
        ListenOptions? frontLoop = null;
        builder.WebHost.ConfigureKestrel(options =>
        {
            limits?.Invoke(options.Limits);
            options.Listen(stockMemory);
            options.Listen(frontMemory, endpoint => endpoint.UseOneShotHttp1());
            options.Listen(IPAddress.Loopback, 0, endpoint => stockSocket = endpoint);
            options.Listen(IPAddress.Loopback, 0, endpoint => frontSocket = endpoint.UseOneShotHttp1());
            options.Listen(new LoopEndPoint(), endpoint => stockLoop = endpoint);
            options.Listen(new LoopEndPoint(), endpoint => frontLoop = endpoint.UseOneShotHttp1());
        });

        WebApplication app = builder.Build();
        app.Run(new TwinApplication(seen).RunAsync);
        await app.StartAsync();
        return new TwinServers(
            app,
            new Twin(stockMemory, stockSocket!.IPEndPoint!, stockLoop!.IPEndPoint!, transport, seen, refusals),
            new Twin(frontMemory, frontSocket!.IPEndPoint!, frontLoop!.IPEndPoint!, transport, seen, refusals));
    }

    public ValueTask DisposeAsync() => _app.DisposeAsync();
}
