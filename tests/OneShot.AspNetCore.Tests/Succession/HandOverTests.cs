using System.Net;
using System.Net.Sockets;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using OneShot.AspNetCore.Restart;
using OneShot.AspNetCore.Succession;
using OneShot.AspNetCore.Tests.Health;
using OneShot.AspNetCore.Tests.Restart;

namespace OneShot.AspNetCore.Tests.Succession;

[Collection(ProcessExitCode.Name)]
public sealed class HandOverTests : IDisposable
{
    private static readonly TimeSpan s_timeout = TimeSpan.FromMinutes(1);

    private readonly RecordingLog _log = new();
    private readonly ManualClock _clock = new();
    private readonly ListeningSockets _sockets;
    private readonly List<ScriptedSuccessor> _started = [];
    private readonly CancellationTokenSource _stopping = new();
    private readonly Socket _socket;
    private Exception? _refusal;

    public HandOverTests()
    {
        _sockets = new ListeningSockets(null, _log.CreateLogger(""));
        _socket = _sockets.Bind(new IPEndPoint(IPAddress.Loopback, 0), true, static endPoint =>
        {
            Socket socket = new(endPoint.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
            socket.Bind(endPoint);
            return socket;
        });
        _socket.Listen();
    }

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    private IEnumerable<string> Events => _log.Entries.Select(static entry => entry.Event.Name!);

    public void Dispose()
    {
        _socket.Dispose();
        _stopping.Dispose();
        _log.Dispose();
    }

    [Fact]
    public async Task When_the_successor_is_ready_this_process_accepts_no_more()
    {
        Task<bool> handOver = Begin();
        Assert.Single(_started);
        Assert.NotEmpty(_sockets.ToHandOn());

        _started[0].BecomeReady();

        Assert.True(await handOver);
        Assert.Empty(_sockets.ToHandOn());
        Assert.Equal((false, true), (_started[0].IsKilled, _started[0].IsDisposed));
        Assert.Equal(["SuccessorStarted", "SuccessorReady"], Events);
    }

    [Fact]
    public async Task One_that_ends_is_followed_by_another_after_a_pause_that_doubles()
    {
        Task<bool> handOver = Begin();
        double[] pauses = [1, 2, 4, 8, 16, 32, 60, 60];
        for (int i = 0; i < pauses.Length; i++)
        {
            _started[i].Fail("it has ended with exit code 1");
            await WaitingAsync(timers: 1);
            Assert.NotEmpty(_sockets.ToHandOn());
            _clock.Move(TimeSpan.FromSeconds(pauses[i] - 0.1));
            Assert.Equal(i + 1, _started.Count);
            _clock.Move(TimeSpan.FromSeconds(0.1));
            await StartedAsync(i + 2);
            Assert.True(_started[i].IsKilled);
        }

        _started[^1].BecomeReady();
        Assert.True(await handOver);
    }

    [Fact]
    public async Task One_that_is_not_ready_in_time_is_killed()
    {
        Task<bool> handOver = Begin();

        _clock.Move(s_timeout);
        await EventAsync("SuccessorFailed");

        Assert.True(_started[0].IsKilled);
        Assert.Contains(_log.Entries, static entry => entry.Message == "No successor: it was not ready within 60 s. This process goes on serving, and tries again in 00:00:01.");
        await _stopping.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => handOver);
    }

    [Fact]
    public async Task One_that_cannot_be_started_is_tried_again()
    {
        _refusal = new IOException("There is no such program.");
        Task<bool> handOver = Begin();
        await EventAsync("SuccessorFailed");

        _refusal = null;
        await WaitingAsync(timers: 1);
        _clock.Move(TimeSpan.FromSeconds(1));
        await StartedAsync(1);
        _started[0].BecomeReady();

        Assert.True(await handOver);
        Assert.Contains(_log.Entries, static entry => entry.Message.StartsWith("No successor: There is no such program.", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_host_that_is_stopped_meanwhile_takes_the_successor_with_it()
    {
        Task<bool> handOver = Begin();

        await _stopping.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => handOver);
        Assert.True(_started[0].IsKilled);
        Assert.NotEmpty(_sockets.ToHandOn()); // the server unbinds them in its own time
    }

    [Fact]
    public async Task Where_nothing_listens_there_is_nothing_to_succeed_to()
    {
        await _sockets.StopAcceptingAsync(isHandedOver: false, Cancel);

        Assert.False(await Begin());
        Assert.Empty(_started);
        Assert.Equal("NothingToHandOver", Assert.Single(Events));
    }

    [Theory]
    [InlineData(ArenaReclamation.Never)]
    [InlineData(ArenaReclamation.PerRequest)]
    public async Task A_full_process_is_succeeded_before_it_sends_anybody_away_and_ends_with_exit_code_0(ArenaReclamation reclamation)
    {
        int exitCode = Environment.ExitCode;
        using MonitoredArena arena = new(
            new() { Succeed = true, DrainDelay = TimeSpan.FromSeconds(8), PeakTolerance = TimeSpan.FromSeconds(8), ExitCode = 42 }, reclamation, handOver: Make);
        using Arena request = arena.Request(900);
        arena.Advance(1);
        arena.Advance(reclamation == ArenaReclamation.Never ? 0 : 8); // a peak would be over by itself
        await StartedAsync(1);

        // Nobody is told to go: there is nowhere else to go to yet.
        arena.Advance(1);
        Assert.Equal((RestartPhase.Draining, true, true), (arena.Monitor.Phase, arena.Monitor.Read().IsStopping, arena.Monitor.Read().AwaitsSuccessor));
        Assert.Equal(HealthStatus.Degraded, ArenaHealthCheckTests.StatusOf(arena.Monitor, RestartPhase.Draining));
        Assert.Equal(HealthStatus.Degraded, ArenaHealthCheckTests.StatusOf(arena.Monitor, RestartPhase.Due));
        Assert.False(arena.Monitor.ClosesConnection("a") || arena.Monitor.ClosesConnection("b") || arena.Monitor.ClosesConnection(null));
        arena.Advance(100);
        Assert.Equal(0, arena.Host.Stops);

        _started[^1].BecomeReady();
        await EventuallyAsync(() => arena.Events.Contains("Information SelfDrainBegins"));
        await EventuallyAsync(() =>
        {
            arena.Sample();
            return arena.Monitor.ClosesConnection(null);
        });

        arena.Advance(7.9);
        Assert.Equal(0, arena.Host.Stops);
        Assert.True(arena.Monitor.ClosesConnection("a"));
        arena.Advance(0.2);
        Assert.Equal((1, 0), (arena.Host.Stops, Environment.ExitCode));
        Environment.ExitCode = exitCode;
    }

    private HandOver Make(TimeProvider time, ILogger logger) => new(_sockets, Start, time, logger);

    private Task<bool> Begin() => Make(_clock, _log.CreateLogger("")).RunAsync(s_timeout, _stopping.Token);

    private ScriptedSuccessor Start(IReadOnlyList<(int Descriptor, string EndPoint)> sockets)
    {
        Assert.Equal("127.0.0.1:0", Assert.Single(sockets).EndPoint);
        if (_refusal is not null)
        {
            throw _refusal;
        }

        ScriptedSuccessor successor = new();
        lock (_started)
        {
            _started.Add(successor);
        }

        return successor;
    }

    private Task StartedAsync(int count) => EventuallyAsync(() =>
    {
        lock (_started)
        {
            return _started.Count >= count;
        }
    });

    private Task EventAsync(string name) => EventuallyAsync(() => Events.Contains(name));

    private Task WaitingAsync(int timers) => EventuallyAsync(() => _clock.Timers == timers);

    private static async Task EventuallyAsync(Func<bool> condition)
    {
        while (!condition())
        {
            await Task.Delay(1, Cancel);
        }
    }
}
