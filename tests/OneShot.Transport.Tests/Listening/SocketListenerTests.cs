using System.Net;
using System.Net.Sockets;
using System.Runtime.InteropServices;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Server.Kestrel.Transport.Sockets;
using Microsoft.Extensions.Logging;
using OneShot.Transport.Native;
using OneShot.Transport.Tests.Faults;
using OneShot.Transport.Tests.Servers;

namespace OneShot.Transport.Tests.Listening;

[Collection(OneAtATime.Name)]
public sealed partial class SocketListenerTests
{
    private const int LimitOfOpenFiles = 7; // RLIMIT_NOFILE, getrlimit(2)

    // Within a test: what the loop does next, it does when it has accepted.
    private static readonly TimeSpan s_never = TimeSpan.FromSeconds(20);

    [Fact]
    public async Task Without_room_for_descriptors_connections_wait_and_are_accepted_later()
    {
        using var log = new AcceptLog();
        await using TransportServer server = await TransportServer.StartAsync(loggers: log);
        (Socket warm, ConnectionContext first) = await server.ConnectAsync();
        Socket[] clients = [.. Enumerable.Range(0, 5).Select(_ => new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp))];
        Assert.Equal(0, GetLimit(LimitOfOpenFiles, out OpenFiles before));
        int lowestFree = (int)new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp).DisposeAndTellNumber();
        try
        {
            Assert.Equal(0, SetLimit(LimitOfOpenFiles, before with { Soft = (ulong)lowestFree }));
            foreach (Socket client in clients)
            {
                client.Connect(server.Listener.EndPoint); // the kernel greets them
            }

            await Limit.Until(() => log.Shortages > 0);
        }
        finally
        {
            Assert.Equal(0, SetLimit(LimitOfOpenFiles, before));
        }

        var accepted = new List<ConnectionContext> { first };
        foreach (Socket client in clients)
        {
            accepted.Add((await server.Listener.AcceptAsync().Soon())!);
            client.Dispose();
        }

        warm.Dispose();
        foreach (ConnectionContext connection in accepted)
        {
            await connection.DisposeAsync().Soon();
        }
    }

    /// <summary>The option of Kestrel's transport, for whoever opens listening sockets by himself, counts here as well.</summary>
    [Fact]
    public async Task A_listening_socket_comes_from_where_Kestrels_would()
    {
        var opened = new List<Socket>();
        var options = new SocketTransportOptions();
        options.CreateBoundListenSocket = endPoint =>
        {
            opened.Add(SocketTransportOptions.CreateDefaultBoundListenSocket(endPoint));
            return opened[^1];
        };

        await using TransportServer server = await TransportServer.StartAsync(sockets: options);

        Assert.Equal(server.Listener.EndPoint, Assert.Single(opened).LocalEndPoint);
    }

    /// <summary>Another process may have it too: who connects then is that one's.</summary>
    [Fact]
    public async Task A_listening_socket_that_its_maker_closes_ends_the_listener_and_nobody_is_accepted_any_more()
    {
        var time = new ManualTime();
        using var shared = new SharedListening();
        await using TransportServer server = await TransportServer.StartAsync(options => options.HandOverAfter = s_never, sockets: shared.Options, time: time);
        (Socket client, ConnectionContext connection) = await server.ConnectAsync();
        client.Send("x"u8);
        connection.Transport.Input.AdvanceTo((await connection.Transport.Input.ReadAsync().Soon()).Buffer.End); // by the loop, which is done with accepting then
        Task<ConnectionContext?> next = server.Listener.AcceptAsync().AsTask();

        shared.CloseHere();
        using Socket late = await server.ConnectClientAsync();
        using Socket accepted = await shared.AcceptElsewhereAsync();
        time.Advance(TimeSpan.FromSeconds(1)); // the loop may have seen that somebody came, or not

        Assert.Equal(late.LocalEndPoint, accepted.RemoteEndPoint);
        Assert.Null(await next.Soon());
        client.Send("x"u8); // what was accepted before goes on
        Assert.Equal(1, (await connection.Transport.Input.ReadAsync()).Buffer.Length);
        client.Dispose();
        await connection.DisposeAsync().Soon();
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_listening_socket_that_its_maker_closes_ends_the_listener_where_nobody_comes(bool isShared)
    {
        int sockets = OwnProcess.Sockets();
        var time = new ManualTime();
        using (var listening = new SharedListening(isShared))
        {
            await using TransportServer server = await TransportServer.StartAsync(sockets: listening.Options, time: time);
            Task<ConnectionContext?> next = server.Listener.AcceptAsync().AsTask();
            time.Advance(TimeSpan.FromSeconds(1)); // an open one is left alone
            Assert.False(next.IsCompleted);
            Assert.Equal(1, server.Loops[0].Targets);

            listening.CloseHere();
            Assert.False(next.IsCompleted);
            time.Advance(TimeSpan.FromSeconds(1));

            Assert.Null(await next.Soon());
            Assert.Equal(0, server.Loops[0].Targets);
        }

        await Limit.Until(() => OwnProcess.Sockets() <= sockets);
    }

    /// <summary>The clock that it has where nobody gives it another.</summary>
    [Fact]
    public async Task A_listening_socket_that_its_maker_closes_ends_the_listener_soon()
    {
        using var shared = new SharedListening();
        await using TransportServer server = await TransportServer.StartAsync(sockets: shared.Options);

        shared.CloseHere();

        Assert.Null(await server.Listener.AcceptAsync().Soon());
    }

    /// <summary>Nobody else would accept who comes in that moment.</summary>
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_listening_socket_of_this_process_alone_accepts_who_had_come_when_it_was_closed(bool isLookFirst)
    {
        var time = new ManualTime();
        using var alone = new SharedListening(isShared: false);
        await using TransportServer server = await TransportServer.StartAsync(sockets: alone.Options, time: time);

        alone.CloseHere();
        using Socket late = await server.ConnectClientAsync();
        if (isLookFirst)
        {
            time.Advance(TimeSpan.FromSeconds(1)); // beside the loop
        }

        ConnectionContext? accepted = await server.Listener.AcceptAsync().Soon();

        Assert.Equal(late.LocalEndPoint, accepted!.RemoteEndPoint);
        Assert.Null(await server.Listener.AcceptAsync().Soon());
        late.Dispose();
        await accepted.DisposeAsync().Soon();
    }

    /// <summary>A connection does not move, so who ends and who comes must not leave one loop with the work of all.</summary>
    [Fact]
    public async Task Connections_are_spread_evenly_over_the_loops()
    {
        const int Loops = 4;
        const int Connections = 1_000;
        await using TransportServer server = await TransportServer.StartAsync(options => options.Loops = Loops);
        var open = new List<(Socket Client, ConnectionContext Connection)>();
        for (int i = 0; i < Connections; i++)
        {
            open.Add(await server.ConnectAsync());
        }

        AssertLevel();
        for (int i = Connections - 1; i >= 0; i--)
        {
            if (i % Loops < Loops / 2)
            {
                await EndAsync(open[i]); // all of two loops
                open.RemoveAt(i);
            }
        }

        while (open.Count < Connections)
        {
            open.Add(await server.ConnectAsync());
        }

        AssertLevel();
        foreach ((Socket, ConnectionContext) one in open)
        {
            await EndAsync(one);
        }

        void AssertLevel() => Assert.All(server.Loops, static loop => Assert.InRange(loop.Targets, Connections / Loops, (Connections / Loops) + 1)); // the listener is one

        static async Task EndAsync((Socket Client, ConnectionContext Connection) one)
        {
            one.Client.Dispose();
            one.Connection.Abort();
            await one.Connection.DisposeAsync().Soon();
        }
    }

    [Fact]
    public async Task Connections_that_were_accepted_and_not_asked_for_end_with_the_listener()
    {
        int sockets = OwnProcess.Sockets();
        TransportServer server = await TransportServer.StartAsync();
        var clients = new List<Socket>();
        for (int i = 0; i < 5; i++)
        {
            clients.Add(await server.ConnectClientAsync());
        }

        await Limit.Until(() => server.Loops[0].Targets == 6);

        await server.Listener.UnbindAsync();
        ConnectionContext asked = (await server.Listener.AcceptAsync().Soon())!; // they are there still
        asked.Abort();
        await asked.DisposeAsync().Soon();
        await server.Listener.DisposeAsync().Soon();

        Assert.Null(await server.Listener.AcceptAsync().Soon());
        Assert.Equal(0, server.Loops[0].Targets);
        clients.ForEach(client => client.Dispose());
        await Limit.Until(() => OwnProcess.Sockets() <= sockets);
        server.Stop();
    }

    [Fact]
    public async Task It_unbinds_while_connections_come_in()
    {
        int sockets = OwnProcess.Sockets();
        for (int round = 0; round < 20; round++)
        {
            TransportServer server = await TransportServer.StartAsync();
            using var stop = new CancellationTokenSource();
            Task connecting = Task.Run(async () =>
            {
                try
                {
                    while (!stop.IsCancellationRequested)
                    {
                        using Socket client = await server.ConnectClientAsync();
                    }
                }
                catch (SocketException)
                {
                    // refused, from the unbinding on
                }
            });
            await using (ConnectionContext? connection = await server.Listener.AcceptAsync().Soon())
            {
                await server.Listener.UnbindAsync();
            }

            await connecting.Soon();
            await server.DisposeAsync();
            Assert.Equal(0, server.Loops[0].Targets);
        }

        await Limit.Until(() => OwnProcess.Sockets() <= sockets);
    }

    [Fact]
    public async Task A_unix_socket_is_served_and_its_file_goes()
    {
        string path = Path.Combine(Path.GetTempPath(), Path.GetRandomFileName());
        await using (TransportServer server = await TransportServer.StartAsync(endPoint: new UnixDomainSocketEndPoint(path)))
        {
            await using var service = new EchoService(server, number => number);
            using EchoClient client = await EchoClient.ConnectAsync(server);
            Assert.Equal(7, await client.AskAsync(7));
        }

        Assert.False(File.Exists(path));
    }

    [Theory]
    [InlineData("EMFILE")]
    [InlineData("ENFILE")]
    [InlineData("ENOBUFS")]
    [InlineData("ENOMEM")]
    [InlineData("EINTR")]
    [InlineData("EPROTO")]
    [InlineData("ECONNABORTED")]
    public async Task Accepting_that_fails_again_and_again_waits_and_says_so_once_a_second(string error)
    {
        using var log = new AcceptLog();
        var time = new ManualTime();
        await using TransportServer server = await TransportServer.StartAsync(options => options.HandOverAfter = s_never, loggers: log, time: time);
        await using var service = new EchoService(server, number => number);
        using EchoClient connected = await EchoClient.ConnectAsync(server);
        Assert.Equal(1, await connected.AskAsync(1));
        using var plan = new CallsFail(Fault.Of(nameof(SystemCall.Accept), error));
        plan.Begin();
        using EchoClient waiting = await EchoClient.ConnectAsync(server); // the kernel greets it
        await waiting.SendAsync(3);
        await Limit.Until(() => log.Shortages == 1);
        int calls = plan.Calls;
        Assert.InRange(calls, 1, 100);

        Assert.Equal(2, await connected.AskAsync(2)); // the loop is not held up
        Assert.Equal(calls, plan.Calls);
        for (int i = 0; i < 19; i++)
        {
            time.Advance(TimeSpan.FromMilliseconds(50));
        }

        Assert.Equal(20 * calls, plan.Calls);
        Assert.Equal(1, log.Shortages);
        time.Advance(TimeSpan.FromMilliseconds(50));
        Assert.Equal(2, log.Shortages);
        plan.Dispose();
        time.Advance(TimeSpan.FromMilliseconds(50));
        Assert.Equal(3, await waiting.ReceiveAsync());
    }

    [Fact]
    public async Task Where_nobody_listens_any_more_nobody_accepts()
    {
        using var log = new AcceptLog();
        await using TransportServer server = await TransportServer.StartAsync(loggers: log);
        using var plan = new CallsFail(Fault.Of(nameof(SystemCall.Accept), "EINVAL"));
        plan.Begin();
        using EchoClient client = await EchoClient.ConnectAsync(server);

        await Limit.Until(() => log.Ends == 1);
        Assert.Equal(1, plan.Calls);
    }

    [LibraryImport("libc", EntryPoint = "getrlimit")]
    private static partial int GetLimit(int resource, out OpenFiles limit);

    [LibraryImport("libc", EntryPoint = "setrlimit")]
    private static partial int SetLimit(int resource, in OpenFiles limit);

    private record struct OpenFiles(ulong Soft, ulong Hard);

    /// <summary>Knows what the listener has said of accepting.</summary>
    private sealed class AcceptLog : ILoggerFactory, ILogger
    {
        private int _shortages;
        private int _ends;

        public int Shortages => Volatile.Read(ref _shortages);

        public int Ends => Volatile.Read(ref _ends);

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
        {
            if (eventId.Name == "AcceptShortage")
            {
                Interlocked.Increment(ref _shortages);
            }
            else if (eventId.Name == "AcceptEnded")
            {
                Interlocked.Increment(ref _ends);
            }
        }

        public ILogger CreateLogger(string categoryName) => this;

        public void AddProvider(ILoggerProvider provider)
        {
        }

        public void Dispose()
        {
        }
    }

    /// <summary>A listening socket that somebody closes while a listener has it, and another holder of it, as a successor is.</summary>
    private sealed partial class SharedListening : IDisposable
    {
        private readonly bool _isShared;
        private Socket? _opened;
        private SafeSocketHandle? _elsewhere;

        public SharedListening(bool isShared = true)
        {
            _isShared = isShared;
            Options.CreateBoundListenSocket = Open;
        }

        public SocketTransportOptions Options { get; } = new();

        public void CloseHere() => _opened!.Dispose();

        public async Task<Socket> AcceptElsewhereAsync()
        {
            using var socket = new Socket(_elsewhere!); // not before: it would not know that it listens
            return await socket.AcceptAsync().Soon();
        }

        public void Dispose() => _elsewhere?.Dispose();

        private Socket Open(EndPoint endPoint)
        {
            Socket bound = SocketTransportOptions.CreateDefaultBoundListenSocket(endPoint);
            if (!_isShared)
            {
                return _opened = bound;
            }

            using (bound)
            {
                _elsewhere = Inheritable(bound);
                return _opened = new Socket(Inheritable(bound));
            }
        }

        private static SafeSocketHandle Inheritable(Socket socket) => new(Dup((int)socket.Handle), ownsHandle: true);

        [LibraryImport("libc", EntryPoint = "dup")]
        private static partial int Dup(int descriptor); // without close-on-exec
    }
}
