using System.IO.Pipelines;
using System.Net;
using System.Net.Sockets;
using System.Text;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.Extensions.DependencyInjection.Extensions;
using OneShot.AspNetCore.Tests.Http1.Programs;
using OneShot.AspNetCore.Tests.Http1.Transport;

namespace OneShot.AspNetCore.Tests.Http1.Late;

/// <summary>A server that is asked, left something behind, and asked again.</summary>
internal sealed class LateHost : IAsyncDisposable
{
    /// <summary>What takes longer hangs, and is told as a part of the outcome.</summary>
    internal static readonly TimeSpan Hang = TimeSpan.FromSeconds(30);

    private readonly LateApplication _application = new();
    private readonly RecordingLog _log = new();
    private readonly InMemoryTransport _transport = new();
    private readonly WebApplication _app;
    private readonly bool _isOnSockets;
    private int _runs;

    private LateHost(LateServer server, ArenaReclamation reclamation, bool debug)
    {
        _isOnSockets = server is LateServer.FrontOnSockets or LateServer.FrontOnTransport;
        WebApplicationBuilder builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore();
        if (!_isOnSockets)
        {
            builder.Services.RemoveAll<IConnectionListenerFactory>();
            builder.Services.AddSingleton<IConnectionListenerFactory>(_transport);
        }
        else if (server == LateServer.FrontOnTransport)
        {
            builder.WebHost.UseOneShotTransport();
        }

        builder.Services.AddSingleton<ILoggerProvider>(_log);
        builder.Services.AddOneShotArena(options => (options.Capacity, options.Reclamation, options.Debug) = (256L << 20, reclamation, debug));
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, 0, listen =>
        {
            listen.Use(WatchAsync);
            if (server != LateServer.Kestrel)
            {
                listen.UseOneShotHttp1();
            }
        }));
        _app = builder.Build();
        _app.UseOneShotArena();
        _app.Run(_application.RunAsync);
    }

    internal static async Task<LateHost> StartAsync(LateServer server, ArenaReclamation reclamation = ArenaReclamation.PerRequest, bool debug = false)
    {
        var host = new LateHost(server, reclamation, debug);
        await host._app.StartAsync();
        return host;
    }

    public async ValueTask DisposeAsync()
    {
        await _app.StopAsync();
        await _app.DisposeAsync();
    }

    internal async Task<LateOutcome> RunAsync(LateAct act, Earlier earlier, Moment moment)
    {
        string id = $"{Interlocked.Increment(ref _runs)}";
        var run = new LateRun(act, earlier, moment);
        _application.Runs[id] = run;
        int logged = _log.Entries.Count();
        var sent = new StringBuilder();
        try
        {
            using Client first = await ConnectAsync();
            bool isLast = moment == Moment.ConnectionEnded || earlier is Earlier.Upgrade or Earlier.Connect;
            await first.SendAsync(EarlierRequest(id, earlier, isLast));
            if (isLast)
            {
                await first.ReadAllAsync();
                await first.Watched.Ended.Task.WaitAsync(Limits.Patience);
            }
            else
            {
                await first.ReadThroughAsync("0\r\n\r\n");
                await Eventually.HoldsAsync(() => first.Watched.IsParked);
            }

            if (moment is Moment.Between or Moment.ConnectionEnded)
            {
                await run.ActAsync();
            }

            if (moment == Moment.OtherHandler)
            {
                using Client other = await ConnectAsync();
                sent.Append(await AskNextAsync(other, run, id, acts: true));
            }

            if (!isLast)
            {
                sent.Append(await AskNextAsync(first, run, id, acts: moment != Moment.OtherHandler));
            }

            using Client fresh = await ConnectAsync();
            sent.Append(await AskNextAsync(fresh, run, id, acts: false));
        }
        finally
        {
            run.Parts?.Release();
        }

        return new LateOutcome(
            run.Result + (run.Parts!.StrayCalls > 0 ? ", called back" : ""),
            sent.ToString(),
            string.Join("; ", _log.Entries.Skip(logged).Where(entry => entry.Level >= LogLevel.Error && entry.Exception is not BadHttpRequestException).Select(entry => $"{entry.Exception?.GetType().Name}: {entry.Exception?.Message}").Distinct()),
            string.Join("; ", run.Complaints));
    }

    private static string EarlierRequest(string id, Earlier earlier, bool isLast)
    {
        string fields = $"X-Run: {id}\r\nX-Own: earlier\r\n{(isLast && earlier != Earlier.Upgrade ? "Connection: close\r\n" : "")}";
        return earlier switch
        {
            Earlier.Length or Earlier.HalfRead => $"POST /earlier HTTP/1.1\r\nHost: a\r\n{fields}Content-Length: 3\r\n\r\nabc",
            Earlier.Chunked => $"POST /earlier HTTP/1.1\r\nHost: a\r\n{fields}Transfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\nX-Sum: s\r\n\r\n",
            Earlier.None => $"GET /earlier?q=1 HTTP/1.1\r\nHost: a\r\n{fields}\r\n",
            Earlier.Upgrade => $"GET /earlier HTTP/1.1\r\nHost: a\r\n{fields}Connection: Upgrade\r\nUpgrade: x\r\n\r\nraw",
            _ => $"CONNECT a:80 HTTP/1.1\r\nHost: a:80\r\n{fields}\r\n",
        };
    }

    /// <summary>The next request and a last one: all the bytes of their answers, and whatever else comes.</summary>
    private static async Task<string> AskNextAsync(Client client, LateRun run, string id, bool acts)
    {
        try
        {
            bool isCut = acts && run.Moment == Moment.NextRead;
            await client.SendAsync($"POST /next?q=2 HTTP/1.1\r\nHost: b\r\nX-Own: next\r\nX-Run: {id}\r\nX-Acts: {(acts ? "yes" : "no")}\r\nContent-Length: 4\r\n\r\n{(isCut ? "" : "0123")}");
            if (isCut)
            {
                await Task.WhenAny(run.Begun, client.Watched.Ended.Task).WaitAsync(Limits.Patience);
                await client.SendAsync("0123");
            }

            await client.SendAsync($"GET /last HTTP/1.1\r\nHost: c\r\nX-Run: {id}\r\nConnection: close\r\n\r\n");
        }
        catch (IOException)
        {
            // The server has cut the connection.
        }

        string answer = WireText.Describe(await client.ReadAllAsync(), toHead: false).ReplaceLineEndings(" / ");
        bool isOver = await Task.WhenAny(client.Watched.Ended.Task, Task.Delay(Hang)) == client.Watched.Ended.Task;
        return answer + (isOver ? "// " : "and never ends // ");
    }

    private async Task<Client> ConnectAsync()
    {
        Watched watched;
        if (_isOnSockets)
        {
            var address = new Uri(_app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.Single());
            var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
            _accepted = new TaskCompletionSource<Watched>(TaskCreationOptions.RunContinuationsAsynchronously);
            await socket.ConnectAsync(IPAddress.Loopback, address.Port);
            watched = await _accepted.Task.WaitAsync(Limits.Patience);
            return new Client(new NetworkStream(socket, ownsSocket: true), watched);
        }

        _accepted = new TaskCompletionSource<Watched>(TaskCreationOptions.RunContinuationsAsynchronously);
        (_, PipeReader input, PipeWriter output) = _transport.Open();
        watched = await _accepted.Task.WaitAsync(Limits.Patience);
        return new Client(new DuplexStream(input.AsStream(), output.AsStream()), watched);
    }

    private TaskCompletionSource<Watched> _accepted = new();

    private ConnectionDelegate WatchAsync(ConnectionDelegate next) => async connection =>
    {
        var watched = new Watched(connection.Transport);
        connection.Transport = watched;
        _accepted.SetResult(watched);
        try
        {
            await next(connection);
        }
        finally
        {
            watched.Ended.SetResult();
        }
    };

    private sealed class Client(Stream stream, Watched watched) : IDisposable
    {
        internal Watched Watched => watched;

        internal async Task SendAsync(string text)
        {
            await stream.WriteAsync(Encoding.Latin1.GetBytes(text)).AsTask().WaitAsync(Limits.Patience);
            await stream.FlushAsync();
        }

        internal async Task ReadThroughAsync(string end)
        {
            var text = new StringBuilder();
            byte[] one = new byte[1];
            while (!text.ToString().EndsWith(end, StringComparison.Ordinal))
            {
                Assert.Equal(1, await stream.ReadAsync(one).AsTask().WaitAsync(Limits.Patience));
                text.Append((char)one[0]);
            }
        }

        internal async Task<string> ReadAllAsync()
        {
            using var all = new MemoryStream();
            try
            {
                await stream.CopyToAsync(all).WaitAsync(Hang);
            }
            catch (IOException)
            {
                all.Write("\nreset"u8);
            }
            catch (TimeoutException)
            {
                all.Write("\nhangs"u8);
                stream.Dispose();
            }

            return Encoding.Latin1.GetString(all.ToArray());
        }

        public void Dispose() => stream.Dispose();
    }

    /// <summary>The server's side of a connection, which tells when the server waits for the client.</summary>
    private sealed class Watched(IDuplexPipe inner) : PipeReader, IDuplexPipe
    {
        private volatile bool _isParked;

        internal TaskCompletionSource Ended { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        internal bool IsParked => _isParked;

        public PipeReader Input => this;

        public PipeWriter Output => inner.Output;

        public override bool TryRead(out ReadResult result) => inner.Input.TryRead(out result);

        public override ValueTask<ReadResult> ReadAsync(CancellationToken cancellationToken = default)
        {
            ValueTask<ReadResult> read = inner.Input.ReadAsync(cancellationToken);
            if (read.IsCompleted)
            {
                return read;
            }

            _isParked = true;
            return ParkAsync(read);
        }

        public override void AdvanceTo(SequencePosition consumed) => inner.Input.AdvanceTo(consumed);

        public override void AdvanceTo(SequencePosition consumed, SequencePosition examined) => inner.Input.AdvanceTo(consumed, examined);

        public override void CancelPendingRead() => inner.Input.CancelPendingRead();

        public override void Complete(Exception? exception = null) => inner.Input.Complete(exception);

        private async ValueTask<ReadResult> ParkAsync(ValueTask<ReadResult> read)
        {
            try
            {
                return await read;
            }
            finally
            {
                _isParked = false;
            }
        }
    }
}
