using OneShot.AspNetCore.Restart;

namespace OneShot.AspNetCore.Tests.Restart;

/// <summary>A process that ends itself, near a limit by which it would be ended: not for a peak, and not too late.</summary>
[Collection(ProcessExitCode.Name)]
public sealed class LimitSelfDrainTests : IDisposable
{
    private readonly ManualClock _clock = new();
    private readonly RecordingLog _log = new();
    private readonly RecordingHost _host = new();
    private readonly LoggerFactory _loggers;
    private readonly LimitedMemory _container = new("container", used: 100, limit: 1000);
    private readonly ScriptedGate _gate = new();
    private readonly RestartMonitor _monitor;

    public LimitSelfDrainTests()
    {
        _loggers = new LoggerFactory([_log]);
        ILogger<RestartMonitor> logger = _loggers.CreateLogger<RestartMonitor>();
        _container.TryRead(out MemoryReading first);
        _monitor = new RestartMonitor(
            [new LimitSource(_container, first, new FullCollection(_clock, static () => { }, static () => true))],
            new() { MinLife = TimeSpan.Zero, SelfDrain = true },
            draw: 0,
            _clock,
            new SelfDrain(_clock, logger, _host),
            logger,
            new DrainPermit(_gate, draw: 1, _clock, logger));
        _monitor.Start();
        _clock.Advance(TimeSpan.FromSeconds(1));
    }

    private bool HasBegun => _log.Entries.Any(entry => entry.Event.Name == "SelfDrainBegins");

    public void Dispose()
    {
        _monitor.Dispose();
        _host.Dispose();
        _loggers.Dispose();
    }

    [Fact]
    public void A_peak_that_is_over_within_the_delay_ends_nothing()
    {
        Use(940);
        Assert.Equal(RestartPhase.Draining, _monitor.Phase);
        Use(940, seconds: 5);
        Use(300);
        Assert.Equal(RestartPhase.Normal, _monitor.Phase);
        Use(300, seconds: 60);
        Assert.False(HasBegun);
    }

    [Fact]
    public void What_stays_ends_the_process_when_it_has_drained()
    {
        Use(940);
        Use(940, seconds: 8);
        Assert.False(HasBegun);
        Use(940, seconds: 3);
        Assert.True(HasBegun);
        Assert.True(_host.ApplicationStopping.IsCancellationRequested);
    }

    [Fact]
    public void At_the_very_end_nothing_is_waited_for_but_the_delay()
    {
        Use(980);
        Assert.True(HasBegun);
        Use(200, seconds: 11); // not undone
        Assert.True(_host.ApplicationStopping.IsCancellationRequested);
    }

    [Fact]
    public void The_gate_is_not_asked()
    {
        Use(940, seconds: 5);
        Assert.Equal(RestartPhase.Draining, _monitor.Phase);
    }

    private void Use(long bytes, int seconds = 1)
    {
        _container.Used = bytes;
        for (int second = 0; second < seconds; second++)
        {
            _clock.Advance(TimeSpan.FromSeconds(1));
        }
    }
}
