using OneShot.AspNetCore.Restart;

namespace OneShot.AspNetCore.Tests.Restart;

[Collection(ProcessExitCode.Name)]
public class SelfDrainTests
{
    [Fact]
    public void First_readiness_goes_then_the_delay_passes_then_the_host_is_stopped_with_the_exit_code()
    {
        using MonitoredArena arena = new(new() { SelfDrain = true, DrainDelay = TimeSpan.FromSeconds(5), ExitCode = 42 });
        int exitCode = Environment.ExitCode;
        try
        {
            arena.FillTo(860);
            arena.Advance(1);
            Assert.Equal(RestartPhase.Draining, arena.Monitor.Phase);
            Assert.True(arena.Monitor.Read().IsStopping);

            arena.FillTo(1000);
            arena.Advance(4.9);
            Assert.Equal(0, arena.Host.Stops);
            Assert.Equal(RestartPhase.Draining, arena.Monitor.Phase); // never due: the liveness check stays healthy

            arena.Advance(0.1);
            Assert.Equal(1, arena.Host.Stops);
            Assert.Equal(42, Environment.ExitCode);
            Assert.Equal(RestartPhase.Draining, arena.Monitor.Phase);
        }
        finally
        {
            Environment.ExitCode = exitCode;
        }

        Assert.Equal(
            ["Warning RestartDraining", "Information SelfDrainBegins", "Warning LifeShort", "Information SelfDrainStops"], arena.Events);
    }

    [Fact]
    public void What_has_begun_is_not_undone_by_memory_that_comes_back_or_by_new_options()
    {
        using MonitoredArena arena = new(new() { SelfDrain = true, DrainDelay = TimeSpan.FromSeconds(5), PeakTolerance = TimeSpan.FromSeconds(5) }, ArenaReclamation.PerRequest);
        using (arena.Request(900))
        {
            arena.Advance(1);
            arena.Advance(5);
        }

        arena.Apply(new() { DrainAt = 1, LiveAt = 1 });
        arena.Advance(1);
        Assert.Equal(RestartPhase.Draining, arena.Monitor.Phase);
        Assert.True(arena.Monitor.ClosesConnections);

        arena.Advance(4);
        Assert.Equal(1, arena.Host.Stops);
    }

    [Fact]
    public void A_host_that_somebody_else_stops_meanwhile_is_left_alone()
    {
        using MonitoredArena arena = new(new() { SelfDrain = true, DrainDelay = TimeSpan.FromSeconds(5), ExitCode = 42 });
        int exitCode = Environment.ExitCode;
        arena.FillTo(860);
        arena.Advance(1);

        arena.Host.StopApplication();
        arena.Advance(10);

        Assert.Equal(1, arena.Host.Stops);
        Assert.Equal(exitCode, Environment.ExitCode);
    }

    [Fact]
    public void Switched_on_while_the_process_drains_it_begins_then()
    {
        using MonitoredArena arena = new();
        arena.FillTo(960);
        arena.Advance(1);
        Assert.Equal(RestartPhase.Due, arena.Monitor.Phase);

        arena.Apply(new() { SelfDrain = true, DrainDelay = TimeSpan.Zero });
        arena.Sample();
        arena.Sample();

        Assert.Equal(1, arena.Host.Stops);
        Assert.Equal(RestartPhase.Draining, arena.Monitor.Phase);
    }
}
