using OneShot.AspNetCore.Restart;

namespace OneShot.AspNetCore.Tests.Restart;

/// <summary>What the ladder does while the process may not drain yet, by the gate of the application or by its share of the jitter in time.</summary>
public class RestartGateTests
{
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(60);

    private readonly ScriptedGate _gate = new();

    [Fact]
    public void A_process_that_is_not_let_go_warns_and_serves()
    {
        using MonitoredArena arena = new(gate: _gate);
        arena.FillTo(900);
        Assert.True(SpinWait.SpinUntil(
            () =>
            {
                arena.Advance(1);
                return arena.Events.Contains("Information RestartGateRefuses");
            },
            s_patience));
        Assert.Equal((RestartPhase.Warning, false), (arena.Monitor.Phase, arena.Monitor.ClosesConnections));

        _gate.Answer = true;
        Until(arena, RestartPhase.Draining);
        Assert.Equal((RestartPhase.Draining, true), (arena.Monitor.Phase, arena.Monitor.ClosesConnections));
        arena.Advance(11);
        Assert.Equal(RestartPhase.Due, arena.Monitor.Phase);
    }

    [Theory]
    [InlineData(false, RestartPhase.Due)]
    [InlineData(true, RestartPhase.Draining)]
    public void From_LiveAt_on_nobody_is_asked(bool selfDrain, RestartPhase phase)
    {
        using MonitoredArena arena = new(new RestartOptions { SelfDrain = selfDrain }, gate: _gate);
        arena.FillTo(900);
        arena.Advance(5);
        arena.FillTo(950);
        Assert.True(arena.Monitor.ClosesConnections);
        Assert.Equal(phase, arena.Monitor.Phase);
        arena.Sample();
        Assert.Equal(phase, arena.Monitor.Phase);
    }

    [Fact]
    public void A_peak_that_is_over_leaves_the_gate()
    {
        _gate.Answer = true;
        using MonitoredArena arena = new(gate: _gate, reclamation: ArenaReclamation.PerRequest);
        Arena request = arena.Request(900);
        Until(arena, RestartPhase.Draining);
        request.Reset();
        request.Dispose();
        arena.Advance(2);
        Assert.Equal(RestartPhase.Normal, arena.Monitor.Phase);
        Assert.True(SpinWait.SpinUntil(() => _gate.Left == 1, s_patience));
    }

    // Its traffic is gone, its memory free, and it ends all the same: the next must wait until it has.
    [Fact]
    public void A_process_that_ends_itself_keeps_its_place_at_the_gate()
    {
        _gate.Answer = true;
        using MonitoredArena arena = new(new RestartOptions { SelfDrain = true, PeakTolerance = TimeSpan.FromSeconds(1) }, gate: _gate, reclamation: ArenaReclamation.PerRequest);
        Arena request = arena.Request(900);
        Until(arena, RestartPhase.Draining);
        Assert.True(SpinWait.SpinUntil(
            () =>
            {
                arena.Advance(1);
                return arena.Events.Contains("Information SelfDrainBegins");
            },
            s_patience));
        request.Reset();
        request.Dispose();
        arena.Advance(3);
        Assert.Equal((RestartPhase.Draining, 0), (arena.Monitor.Phase, _gate.Left));
    }

    // Waiting would end with the process.
    [Fact]
    public void An_arena_that_ends_the_process_when_it_is_full_asks_nobody()
    {
        using MonitoredArena arena = new(gate: _gate, exhaustion: ArenaExhaustion.FailFast);
        arena.FillTo(900);
        arena.Sample();
        Assert.Equal((RestartPhase.Draining, true), (arena.Monitor.Phase, arena.Monitor.ClosesConnections));
    }

    [Fact]
    public void A_process_waits_its_share_of_the_jitter_in_time()
    {
        using MonitoredArena arena = new(new RestartOptions { Jitter = 0, JitterTime = TimeSpan.FromSeconds(20) }, draw: 0.5);
        arena.FillTo(900);
        arena.Advance(1);
        arena.Advance(8);
        Assert.Equal(RestartPhase.Warning, arena.Monitor.Phase);
        arena.Advance(2);
        Assert.Equal(RestartPhase.Draining, arena.Monitor.Phase);
    }

    [Fact]
    public void A_process_that_is_too_young_asks_nobody()
    {
        using MonitoredArena arena = new(gate: _gate, minLife: TimeSpan.FromMinutes(10));
        arena.FillTo(900);
        arena.Advance(60);
        Assert.Equal(0, _gate.Questions);
        _gate.Answer = true;
        arena.Advance(541);
        Until(arena, RestartPhase.Draining);
    }

    [Fact]
    public void Connections_close_one_after_the_other()
    {
        using MonitoredArena arena = new();
        arena.FillTo(900);
        arena.Advance(1);
        string[] ids = [.. Enumerable.Range(0, 200).Select(i => $"connection {i}")];
        Assert.InRange(ids.Count(arena.Monitor.ClosesConnection), 0, 10);
        arena.Advance(2.5);
        Assert.InRange(ids.Count(arena.Monitor.ClosesConnection), 60, 140);
        arena.Advance(2.5);
        Assert.Equal(ids.Length, ids.Count(arena.Monitor.ClosesConnection));
    }

    [Fact]
    public void A_restart_that_is_due_closes_all_of_them()
    {
        using MonitoredArena arena = new();
        arena.FillTo(960);
        arena.Advance(1);
        Assert.All(Enumerable.Range(0, 200), i => Assert.True(arena.Monitor.ClosesConnection($"connection {i}")));
    }

    /// <summary>The gate answers on a thread of the pool; the clock goes on meanwhile, a little.</summary>
    private static void Until(MonitoredArena arena, RestartPhase phase) => Assert.True(SpinWait.SpinUntil(
        () =>
        {
            arena.Advance(0.1);
            return arena.Monitor.Phase == phase;
        },
        s_patience));
}
