using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
using System.Net;
using System.Net.Sockets;
using System.Text;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using OneShot.AspNetCore.Tests.Http1.Transport;

namespace OneShot.AspNetCore.Tests.Http1.KestrelFacts;

/// <summary>What the metrics say of connections that the server ends: <c>error.type</c> is Kestrel's.</summary>
public sealed class ConnectionEndTests
{
    /// <summary>On the real clock: Kestrel's heartbeat knows no other. Nothing is asserted of it.</summary>
    [Fact]
    public async Task A_connection_that_never_asks_for_anything_is_a_keep_alive_timeout()
    {
        await using Twins twins = await Twins.StartAsync(TimeSpan.FromSeconds(1));
        foreach (int port in twins.Ports)
        {
            using TcpClient client = await Twins.ConnectAsync(port, "");
            Assert.Equal(0, await client.GetStream().ReadAsync(new byte[1]).AsTask().WaitAsync(Limits.Patience));
        }

        Assert.Equal(["keep_alive_timeout", "keep_alive_timeout"], await twins.ErrorsAsync());
    }

    [Fact]
    public async Task A_stop_that_loses_patience_with_a_body_is_a_shutdown_timeout()
    {
        await using Twins twins = await Twins.StartAsync(TimeSpan.FromMinutes(2));
        List<TcpClient> clients = [];
        foreach (int port in twins.Ports)
        {
            TcpClient client = await Twins.ConnectAsync(port, "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 10\r\n\r\nabc");
            clients.Add(client);
            await client.GetStream().ReadExactlyAsync(new byte["HTTP/1.1 200 OK".Length]).AsTask().WaitAsync(Limits.Patience);
        }

        await twins.CutAsync();

        Assert.Equal(["app_shutdown_timeout", "app_shutdown_timeout"], await twins.ErrorsAsync());
        clients.ForEach(client => client.Dispose());
    }

    private sealed class Twins : IAsyncDisposable
    {
        private readonly ConcurrentQueue<(int Port, string? Error)> _ended = new();
        private readonly MeterListener _listener = new();
        private readonly WebApplication _app;

        private Twins(TimeSpan keepAlive)
        {
            WebApplicationBuilder builder = WebApplication.CreateSlimBuilder();
            builder.Logging.ClearProviders();
            builder.WebHost.UseUrls();
            builder.Services.AddOneShotArena(options => options.Capacity = 4 * 1024 * 1024);
            builder.WebHost.ConfigureKestrel(options =>
            {
                options.Limits.KeepAliveTimeout = keepAlive;
                options.Listen(IPAddress.Loopback, 0);
                options.Listen(IPAddress.Loopback, 0, endpoint => endpoint.UseOneShotHttp1());
            });
            _app = builder.Build();
            _app.Run(context => context.Response.WriteAsync("answered"));
        }

        internal int[] Ports { get; private set; } = [];

        public async ValueTask DisposeAsync()
        {
            await _app.DisposeAsync();
            _listener.Dispose();
        }

        internal static async Task<Twins> StartAsync(TimeSpan keepAlive)
        {
            var twins = new Twins(keepAlive);
            object meters = twins._app.Services.GetRequiredService<IMeterFactory>();
            twins._listener.InstrumentPublished = (instrument, listener) =>
            {
                if (instrument.Name == "kestrel.connection.duration" && ReferenceEquals(instrument.Meter.Scope, meters))
                {
                    listener.EnableMeasurementEvents(instrument);
                }
            };
            twins._listener.SetMeasurementEventCallback<double>((_, _, tags, _) =>
            {
                var all = new Dictionary<string, object?>(tags.ToArray());
                twins._ended.Enqueue(((int)all["server.port"]!, (string?)all.GetValueOrDefault("error.type")));
            });
            twins._listener.Start();
            await twins._app.StartAsync();
            twins.Ports = [.. twins._app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.Select(address => new Uri(address).Port)];
            return twins;
        }

        internal static async Task<TcpClient> ConnectAsync(int port, string request)
        {
            var client = new TcpClient();
            await client.ConnectAsync(IPAddress.Loopback, port);
            await client.GetStream().WriteAsync(Encoding.Latin1.GetBytes(request));
            return client;
        }

        /// <summary>A stop without any patience.</summary>
        internal async Task CutAsync() => await Record.ExceptionAsync(() => _app.StopAsync(new CancellationToken(canceled: true)));

        /// <summary>Of one connection to each: Kestrel's, then the front's.</summary>
        internal async Task<string?[]> ErrorsAsync()
        {
            await Eventually.HoldsAsync(() => _ended.Count == 2);
            return [.. Ports.Select(port => _ended.Single(end => end.Port == port).Error)];
        }
    }
}
