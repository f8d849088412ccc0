using OneShot.LoadTest.Drill.Activation;

namespace OneShot.LoadTest.Tests.Drill.Activation;

public class ServiceUnitTests
{
    [Fact]
    public void The_drill_keeps_to_the_units_own_numbers()
    {
        ServiceUnit unit = ServiceUnit.Parse("""
            # Environment=NOT=this
            [Service]
            Environment=A=1
            Environment=B=x=y
            RestartSec=100ms
            WatchdogSec=15
            TimeoutStopSec=35
            """);

        Assert.Equal((0.1, 15, 35), (unit.RestartDelay.TotalSeconds, unit.Watchdog.TotalSeconds, unit.StopTimeout.TotalSeconds));
        Assert.Equal([new("A", "1"), new("B", "x=y")], unit.Environment);
    }

    [Fact]
    public void The_operators_file_ends_itself_and_is_started_again_at_once()
    {
        ServiceUnit unit = ServiceUnit.Parse(File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "header-server.service")));

        Assert.Equal("true", unit.Environment["OneShot__Restart__SelfDrain"]);
        Assert.True(unit.RestartDelay < TimeSpan.FromSeconds(1));
        Assert.True(unit.StopTimeout > TimeSpan.FromSeconds(30)); // HostOptions.ShutdownTimeout
    }

    [Fact]
    public void A_unit_without_a_line_that_is_needed_is_refused() =>
        Assert.Equal("The unit has no line 'RestartSec='.", Assert.Throws<LoadTestException>(() => ServiceUnit.Parse("WatchdogSec=1\n")).Message);
}
