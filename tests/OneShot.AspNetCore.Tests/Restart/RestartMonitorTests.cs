using Microsoft.Extensions.Logging.Abstractions;
using OneShot.AspNetCore.Restart;

namespace OneShot.AspNetCore.Tests.Restart;

[Collection(ProcessExitCode.Name)]
public class RestartMonitorTests
{
    [Fact]
    public void Readers_see_a_phase_the_moment_the_fill_has_reached_it_long_before_the_next_sample()
    {
        using MonitoredArena arena = new();

        foreach ((int fill, RestartPhase phase) in ((int, RestartPhase)[])[(750, RestartPhase.Warning), (850, RestartPhase.Draining), (950, RestartPhase.Due)])
        {
            Assert.True(arena.Monitor.Phase < phase);
            arena.FillTo(fill);
            Assert.Equal(phase, arena.Monitor.Phase);
        }
    }

    [Fact]
    public void The_request_path_closes_connections_the_moment_the_fill_has_reached_draining()
    {
        using MonitoredArena arena = new();
        arena.FillTo(849);
        Assert.False(arena.Monitor.ClosesConnections);

        arena.FillTo(850);

        Assert.True(arena.Monitor.ClosesConnections);
    }

    [Fact]
    public void A_process_that_is_filled_within_its_least_life_goes_on_and_says_so_once()
    {
        using MonitoredArena arena = new(minLife: TimeSpan.FromMinutes(10));
        arena.Advance(60);
        arena.FillTo(1000);

        Assert.Equal(RestartPhase.Warning, arena.Monitor.Phase);
        Assert.False(arena.Monitor.ClosesConnections);
        Assert.Equal(TimeSpan.FromMinutes(9), Assert.Single(arena.Monitor.Read().Sources).HeldBack);
        arena.Advance(500);
        Assert.Equal(RestartPhase.Warning, arena.Monitor.Phase);
        Assert.Single(arena.Events, "Warning RestartHeldBack");

        arena.Advance(41);

        Assert.Equal(RestartPhase.Due, arena.Monitor.Phase);
        Assert.True(arena.Monitor.ClosesConnections);
        Assert.Null(Assert.Single(arena.Monitor.Read().Sources).HeldBack);
    }

    [Theory]
    [InlineData(ArenaExhaustion.Fallback, RestartPhase.Warning)]
    [InlineData(ArenaExhaustion.Reject, RestartPhase.Warning)]
    [InlineData(ArenaExhaustion.Throw, RestartPhase.Warning)]
    [InlineData(ArenaExhaustion.FailFast, RestartPhase.Draining)]
    public void An_arena_that_ends_the_process_when_it_is_full_is_not_held_back(ArenaExhaustion exhaustion, RestartPhase phase)
    {
        using MonitoredArena arena = new(minLife: TimeSpan.FromMinutes(10), exhaustion: exhaustion);

        arena.FillTo(900);
        arena.Advance(1);

        Assert.Equal(phase, arena.Monitor.Phase);
        Assert.Equal(phase == RestartPhase.Draining, arena.Monitor.ClosesConnections);
        Assert.Equal(phase == RestartPhase.Draining ? "Warning RestartDraining" : "Warning RestartHeldBack", Assert.Single(arena.Events, line => line != "Warning LifeShort" && line != "Warning RestartWarning"));
    }

    [Theory]
    [InlineData(ArenaReclamation.PerRequest)]
    [InlineData(ArenaReclamation.Generational)]
    public void Where_memory_comes_back_a_young_process_drains_and_only_its_restart_waits(ArenaReclamation reclamation)
    {
        using MonitoredArena arena = new(reclamation: reclamation, minLife: TimeSpan.FromMinutes(10));
        using Arena kept = arena.Request(1000);
        arena.Advance(1);

        Assert.Equal(RestartPhase.Draining, arena.Monitor.Phase);
        Assert.True(arena.Monitor.ClosesConnections);
        Assert.Null(Assert.Single(arena.Monitor.Read().Sources).HeldBack); // nothing waits yet: it may be a peak

        arena.Advance(119);
        Assert.Equal(RestartPhase.Draining, arena.Monitor.Phase);
        Assert.Equal(TimeSpan.FromMinutes(8), Assert.Single(arena.Monitor.Read().Sources).HeldBack);
        Assert.Equal(["Warning RestartDraining", "Warning RestartHeldBack"], arena.Events);

        arena.Advance(480);
        Assert.Equal(RestartPhase.Due, arena.Monitor.Phase);
    }

    [Fact]
    public void Where_memory_comes_back_a_young_process_does_not_end_itself()
    {
        using MonitoredArena arena = new(new() { SelfDrain = true }, ArenaReclamation.PerRequest, minLife: TimeSpan.FromMinutes(10));
        using Arena kept = arena.Request(1000);
        arena.Advance(1);
        arena.Advance(300);
        Assert.Equal((RestartPhase.Draining, 0), (arena.Monitor.Phase, arena.Host.Stops));
        Assert.Contains("Warning RestartHeldBack", arena.Events);

        arena.Advance(300);
        arena.Advance(10);

        Assert.Equal(1, arena.Host.Stops);
    }

    [Fact]
    public void Replicas_that_were_filled_together_do_not_go_together_when_they_may()
    {
        using MonitoredArena late = new(new() { Jitter = 0.1 }, draw: 1, minLife: TimeSpan.FromMinutes(10));
        late.FillTo(1000);

        late.Advance(650);
        Assert.Equal(RestartPhase.Warning, late.Monitor.Phase);
        late.Advance(10);

        Assert.Equal(RestartPhase.Due, late.Monitor.Phase);
    }

    [Fact]
    public void A_least_life_that_is_raised_does_not_call_back_a_process_that_drains()
    {
        using MonitoredArena arena = new();
        arena.FillTo(900);
        arena.Advance(1);
        Assert.Equal(RestartPhase.Draining, arena.Monitor.Phase);

        arena.Monitor.Apply(new() { MinLife = TimeSpan.FromHours(1) });

        arena.Advance(1);
        Assert.Equal(RestartPhase.Draining, arena.Monitor.Phase);
    }

    [Fact]
    public void The_request_path_asks_for_the_sample_that_takes_note()
    {
        using MonitoredArena arena = new();
        arena.FillTo(850);
        arena.Sample();
        Assert.Empty(arena.Log);

        _ = arena.Monitor.ClosesConnections;
        arena.Sample();

        Assert.Contains("Warning RestartDraining", arena.Events);
    }

    [Fact]
    public void Under_Generational_the_request_path_goes_by_the_samples()
    {
        using MonitoredArena arena = new(new() { WarnAt = 0.1, DrainAt = 0.2 }, ArenaReclamation.Generational);
        using Arena request = arena.Process.CreateArena();
        request.Allocate<byte>(240_000);
        Assert.False(arena.Monitor.ClosesConnections);

        arena.Advance(1);

        Assert.True(arena.Monitor.ClosesConnections);
    }

    [Theory]
    [InlineData(ArenaReclamation.Never)]
    [InlineData(ArenaReclamation.PerRequest)]
    [InlineData(ArenaReclamation.Generational)]
    public void The_request_path_allocates_nothing(ArenaReclamation reclamation)
    {
        using MonitoredArena arena = new(reclamation: reclamation);
        bool closes = arena.Monitor.ClosesConnections;

        long before = GC.GetAllocatedBytesForCurrentThread();
        for (int i = 0; i < 1000; i++)
        {
            closes |= arena.Monitor.ClosesConnections;
        }

        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
        Assert.False(closes);
    }

    [Fact]
    public void Each_phase_is_told_once_with_the_outlook()
    {
        using MonitoredArena arena = new();
        for (int second = 1; second <= 240; second++)
        {
            arena.FillTo(Math.Min(1000, second * 5)); // in 200 seconds
            arena.Advance(1);
        }

        Assert.Equal(
            ["Warning LifeShort", "Warning RestartWarning", "Warning RestartDraining", "Warning RestartDue"], arena.Events);
        Assert.Equal(
            "The process arena is 75.0 % full (768000 of 1024000 bytes); full in about 00:00:50. It drains from 85.0 % on.",
            arena.Log.Single(entry => entry.Event.Id == 1401).Message);
    }

    [Fact]
    public void Without_self_drain_the_process_is_due_after_the_drain_delay_though_nothing_fills_it_further()
    {
        using MonitoredArena arena = new(new() { DrainDelay = TimeSpan.FromSeconds(10) });
        arena.FillTo(860);
        arena.Advance(1);
        arena.Advance(9);
        Assert.Equal(RestartPhase.Draining, arena.Monitor.Phase);

        arena.Advance(1);

        Assert.Equal(RestartPhase.Due, arena.Monitor.Phase);
        Assert.Contains("Warning RestartDue", arena.Events);
        Assert.Equal(0, arena.Host.Stops);
    }

    [Fact]
    public void Where_memory_comes_back_the_process_takes_up_its_work_again_and_does_not_repeat_its_warnings()
    {
        using MonitoredArena arena = new(new() { DrainDelay = TimeSpan.FromSeconds(30) }, ArenaReclamation.PerRequest);
        for (int i = 0; i < 2; i++)
        {
            using (arena.Request(900))
            {
                arena.Advance(1);
                Assert.True(arena.Monitor.ClosesConnections);
            }

            Assert.Equal(RestartPhase.Draining, arena.Monitor.Phase); // until a sample has seen it
            arena.Advance(1);
            Assert.Equal(RestartPhase.Normal, arena.Monitor.Phase);
            Assert.False(arena.Monitor.ClosesConnections);
        }

        Assert.Equal(
            ["Warning RestartDraining", "Information RestartPhaseFell", "Information RestartDraining", "Information RestartPhaseFell"],
            arena.Events);
    }

    [Fact]
    public void A_short_life_is_told_once_with_its_reason_and_its_remedies()
    {
        using MonitoredArena arena = new();
        for (int second = 1; second <= 400; second++)
        {
            arena.FillTo(second * 2); // in 500 seconds
            arena.Advance(1);
        }

        string message = Assert.Single(arena.Log, entry => entry.Event.Id == 1405).Message;
        Assert.Equal(
            "This process fills its process arena within 00:08:20 of its start. Kubernetes takes back its growing restart delay (10 s, doubling to 300 s) only after a life of 10 minutes, so pods that live shorter end in CrashLoopBackOff. Remedies: a larger Capacity, more replicas, or Reclamation=PerRequest or Generational.",
            message);
    }

    [Fact]
    public void A_life_of_more_than_ten_minutes_is_worth_no_warning()
    {
        using MonitoredArena arena = new();
        for (int second = 1; second <= 700; second++)
        {
            arena.FillTo(second); // in 1000 seconds
            arena.Advance(1);
        }

        Assert.Empty(arena.Log);
        Assert.Equal(300, arena.Monitor.TimeToFull!.Value.TotalSeconds, 1.0);
    }

    [Fact]
    public void A_short_life_is_told_even_when_it_was_too_short_for_an_estimate()
    {
        using MonitoredArena arena = new();
        arena.FillTo(860);

        arena.Advance(1);

        Assert.Contains("Warning LifeShort", arena.Events);
        Assert.Null(arena.Monitor.TimeToFull);
    }

    [Fact]
    public void New_thresholds_hold_at_once_and_the_process_keeps_its_draw()
    {
        using MonitoredArena arena = new(draw: 0.5);
        arena.FillTo(500);
        Assert.Equal(0.80, arena.Monitor.DrainAt, 10);

        arena.Apply(new() { WarnAt = 0.3, DrainAt = 0.5, Jitter = 0.1, LiveAt = 0.9 });

        Assert.Equal(0.45, arena.Monitor.DrainAt, 10);
        Assert.Equal((0.3, 0.9), (arena.Monitor.WarnAt, arena.Monitor.LiveAt));
        Assert.Equal(RestartPhase.Draining, arena.Monitor.Phase);
        Assert.True(arena.Monitor.ClosesConnections);
        Assert.Equal("Information RestartThresholds", Assert.Single(arena.Events));
        Assert.Equal(
            "The thresholds of the restart are now: warn at 0.3, drain at 0.45 (with this process's jitter), restart at 0.9.", arena.Log.Single().Message);

        arena.Apply(new());
        arena.Sample();
        Assert.Equal(RestartPhase.Normal, arena.Monitor.Phase);
    }

    [Theory]
    [InlineData(0.95, RestartPhase.Warning)]
    [InlineData(0.81, RestartPhase.Draining)]
    public void A_threshold_that_is_raised_above_the_fill_ends_the_draining(double drainAt, RestartPhase expected)
    {
        using MonitoredArena arena = new(new() { WarnAt = 0.7, DrainAt = 0.8, DrainDelay = TimeSpan.FromHours(1) });
        arena.FillTo(820);
        arena.Advance(1);
        Assert.Equal(RestartPhase.Draining, arena.Monitor.Phase);

        arena.Apply(new() { WarnAt = 0.7, DrainAt = drainAt, DrainDelay = TimeSpan.FromHours(1) });
        arena.Advance(1);

        Assert.Equal(expected, arena.Monitor.Phase);
        Assert.Equal(expected == RestartPhase.Draining, arena.Monitor.ClosesConnections);
    }

    [Fact]
    public void Other_thresholds_than_a_raised_one_do_not_end_the_draining()
    {
        RestartOptions options = new() { WarnAt = 0.7, DrainAt = 0.8, DrainDelay = TimeSpan.FromHours(1) };
        using MonitoredArena arena = new(options, ArenaReclamation.PerRequest);
        arena.FillTo(730);
        using (arena.Request(90))
        {
            arena.Advance(1);
        }

        arena.Advance(1);
        Assert.Equal(RestartPhase.Draining, arena.Monitor.Phase); // below where it began, above where it ends

        arena.Apply(new() { WarnAt = 0.7, DrainAt = 0.8, DrainDelay = TimeSpan.FromHours(2) });
        arena.Advance(1);
        Assert.Equal(RestartPhase.Draining, arena.Monitor.Phase);

        arena.Apply(new() { WarnAt = 0.7, DrainAt = 0.9, DrainDelay = TimeSpan.FromHours(2) });
        arena.Advance(1);
        Assert.Equal(RestartPhase.Warning, arena.Monitor.Phase);
    }

    /// <summary>Sizes that do not divide each other: what is left over can never be used, and must not keep the process from its restart.</summary>
    [Theory]
    [InlineData(ArenaReclamation.PerRequest)]
    [InlineData(ArenaReclamation.Generational)]
    public void Where_memory_comes_back_only_a_fill_that_stays_for_a_minute_is_due(ArenaReclamation reclamation)
    {
        using MonitoredArena arena = new(reclamation: reclamation);
        for (int peak = 0; peak < 3; peak++)
        {
            using (arena.Request(1000))
            {
                for (int second = 0; second < 50; second++)
                {
                    arena.Advance(1);
                    Assert.Equal(RestartPhase.Draining, arena.Monitor.Phase);
                }
            }

            arena.Advance(1);
            Assert.Equal(RestartPhase.Normal, arena.Monitor.Phase);
        }

        using Arena kept = arena.Request(1000);
        arena.Advance(1);
        arena.Advance(60);

        Assert.Equal(RestartPhase.Due, arena.Monitor.Phase);
        Assert.Contains("Warning RestartDue", arena.Events);
    }

    [Fact]
    public void Where_memory_comes_back_a_process_does_not_end_itself_for_a_peak()
    {
        using MonitoredArena arena = new(new() { SelfDrain = true }, ArenaReclamation.PerRequest);
        using (arena.Request(1000))
        {
            arena.Advance(1);
            arena.Advance(50);
        }

        arena.Advance(30);
        Assert.Equal(0, arena.Host.Stops);

        using Arena kept = arena.Request(1000);
        arena.Advance(1);
        arena.Advance(60);
        arena.Advance(10);
        Assert.Equal(1, arena.Host.Stops);
    }

    [Theory]
    [InlineData(100, 64, ArenaReclamation.Never, 0)] // 64 of 100
    [InlineData(1229, 256, ArenaReclamation.Never, 0)] // 1024 of 1229, below the threshold of draining
    [InlineData(1229, 250, ArenaReclamation.PerRequest, 0)] // in size classes of 256
    [InlineData(1000, 16, ArenaReclamation.Generational, 400)] // two generations of 400 and one of 200
    [InlineData(1000, 150, ArenaReclamation.Generational, 250)] // one block in each of four
    [InlineData(1000, 10, ArenaReclamation.Never, 0)]
    public void An_arena_that_has_no_more_blocks_is_full_whatever_is_left_over(int capacity, int block, ArenaReclamation reclamation, int generation)
    {
        using ProcessArena process = new(new() { Capacity = capacity << 10, BlockSize = block << 10, Reclamation = reclamation, GenerationSize = generation << 10 });
        ManualClock clock = new();
        using SelfDrain selfDrain = new(clock, NullLogger.Instance, lifetime: null);
        using RestartMonitor monitor = new([new ArenaSource(process, clock)], new() { MinLife = TimeSpan.Zero }, draw: 0, clock, selfDrain, NullLogger<RestartMonitor>.Instance);
        List<Arena> requests = [];

        Assert.Equal(RestartPhase.Normal, monitor.Phase);
        while (process.FallbackBlocks == 0)
        {
            Arena request = process.CreateArena();
            requests.Add(request);
            request.Allocate<byte>(block << 10);
        }

        Assert.Equal(reclamation == ArenaReclamation.Never ? RestartPhase.Due : RestartPhase.Draining, monitor.Phase);
        requests.ForEach(request => request.Dispose());
    }

    [Fact]
    public void After_the_stop_nothing_is_sampled_any_more()
    {
        using MonitoredArena arena = new();
        arena.Monitor.Stop();
        arena.FillTo(900);

        arena.Advance(10);

        Assert.Equal(0, arena.Clock.Timers);
        Assert.Empty(arena.Log);
        Assert.Equal(RestartPhase.Draining, arena.Monitor.Phase);
    }
}
