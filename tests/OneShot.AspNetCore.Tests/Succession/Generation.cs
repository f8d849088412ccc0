using System.Globalization;
using System.IO.Pipes;
using System.Net;
using System.Net.WebSockets;
using System.Security.Cryptography.X509Certificates;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using OneShot.AspNetCore.Succession;

namespace OneShot.AspNetCore.Tests.Succession;

/// <summary>
/// A server that says which generation it is, and is succeeded by the next when its arena is full. All are of one process, since only that lets a test
/// see them: each gets copies of the numbers of the sockets, as execve(2) would leave it.
/// </summary>
internal sealed class Generation : IAsyncDisposable
{
    private readonly WebApplication _app;
    private readonly int _number;

    private Generation(WebApplication app, int number) => (_app, _number) = (app, number);

    /// <summary>HTTP, and HTTPS with HTTP/2.</summary>
    public Uri[] Addresses { get; private set; } = [];

    /// <summary>Completes when the host has stopped; until then something waits for it to be told to, as a <c>Main</c> does.</summary>
    public Task Stopped { get; private set; } = Task.CompletedTask;

    /// <param name="number">Of the generation.</param>
    /// <param name="onTransport">Whether it stands on OneShot's transport.</param>
    /// <param name="certificate">Of the second end point.</param>
    /// <param name="inherited">What the one before has left.</param>
    /// <param name="onSuccessor">Is told of the next one, before it is ready.</param>
    public static async Task<Generation> StartAsync(int number, bool onTransport, X509Certificate2 certificate, string? inherited, Action<Generation> onSuccessor)
    {
        WebApplicationBuilder builder = WebApplication.CreateBuilder(new WebApplicationOptions { EnvironmentName = Environments.Production });
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(kestrel =>
        {
            kestrel.Listen(IPAddress.Loopback, 0);
            kestrel.Listen(IPAddress.Loopback, 0, listen => listen.UseHttps(certificate));
        });
        RecordingLog log = new();
        ILogger logger = log.CreateLogger("");
        builder.Services.AddSingleton(new ListeningSockets(inherited is null ? null : Inheritance.Parse(inherited, logger), logger));
        builder.Services.AddSingleton<StartSuccessor>(sockets => new Successor(number + 1, onTransport, certificate, sockets, onSuccessor));
        builder.Services.AddOneShotArena(options =>
        {
            (options.Capacity, options.Reclamation) = (4 << 20, ArenaReclamation.Never);
            (options.Restart.Succeed, options.Restart.DrainDelay, options.Restart.MinLife) = (true, TimeSpan.FromSeconds(4), TimeSpan.Zero);
        });
        builder.WebHost.UseOneShotHttp1();
        if (onTransport)
        {
            builder.WebHost.UseOneShotTransport();
        }

        Generation generation = new(builder.Build(), number);
        generation._app.UseWebSockets();
        generation._app.MapGet("/", () => number);
        generation._app.Map("/socket", generation.EchoAsync);
        await generation._app.StartAsync(CancellationToken.None);
        generation.Stopped = generation._app.WaitForShutdownAsync(CancellationToken.None);
        generation.Addresses = [.. generation._app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.Select(static address => new Uri(address))];
        return generation;
    }

    /// <summary>The arena is full enough for a restart.</summary>
    public void Fill()
    {
        ProcessArena arena = _app.Services.GetRequiredService<ProcessArena>();
        arena.Allocate((int)(arena.Remaining * 0.92));
    }

    public async ValueTask DisposeAsync()
    {
        await _app.StopAsync(CancellationToken.None);
        await _app.DisposeAsync();
    }

    /// <summary>Says back what it hears, with its number before it, and goodbye when the host stops.</summary>
    private async Task EchoAsync(HttpContext context)
    {
        using WebSocket socket = await context.WebSockets.AcceptWebSocketAsync();
        byte[] buffer = new byte[16];
        buffer[0] = (byte)_number;
        using CancellationTokenRegistration goodbye = _app.Lifetime.ApplicationStopping.Register(
            () => _ = socket.CloseOutputAsync(WebSocketCloseStatus.EndpointUnavailable, "bye", CancellationToken.None));
        while (await socket.ReceiveAsync(buffer.AsMemory(1), CancellationToken.None) is { MessageType: not WebSocketMessageType.Close } received)
        {
            await socket.SendAsync(buffer.AsMemory(0, 1 + received.Count), WebSocketMessageType.Binary, endOfMessage: true, CancellationToken.None);
        }

        if (socket.State == WebSocketState.CloseReceived)
        {
            await socket.CloseOutputAsync(WebSocketCloseStatus.NormalClosure, null, CancellationToken.None);
        }
    }

    private sealed class Successor : ISuccessor
    {
        private readonly AnonymousPipeServerStream _pipe = new(PipeDirection.In, HandleInheritability.Inheritable);

        public Successor(int number, bool onTransport, X509Certificate2 certificate, IReadOnlyList<(int Descriptor, string EndPoint)> sockets, Action<Generation> onSuccessor)
        {
            // A number of its own for this, too: both ends close theirs, and by then another may have it.
            string ready = Libc.Duplicate((int)_pipe.ClientSafePipeHandle.DangerousGetHandle()).ToString(CultureInfo.InvariantCulture);
            _pipe.DisposeLocalCopyOfClientHandle();
            string inherited = Inheritance.Format(ready, sockets.Select(static socket => (Libc.Duplicate(socket.Descriptor), socket.EndPoint)));
            _ = Task.Run(async () => onSuccessor(await StartAsync(number, onTransport, certificate, inherited, onSuccessor)));
            Ready = Task.Run(() => _pipe.ReadByte() == 'R' ? null : "It has said nothing.");
        }

        public int ProcessId => Environment.ProcessId;

        public Task<string?> Ready { get; }

        public void Kill()
        {
        }

        public void Dispose() => _pipe.Dispose();
    }
}
