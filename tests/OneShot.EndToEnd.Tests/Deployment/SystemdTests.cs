using System.Globalization;

namespace OneShot.EndToEnd.Tests.Deployment;

/// <summary>The units hold together: with each other, with systemd, and with the application's own options. The load test restarts the sample by them.</summary>
public sealed class SystemdTests
{
    private const string Socket = "header-server.socket";
    private const string Service = "header-server.service";
    private const int HostShutdownTimeout = 30; // seconds; HostOptions.ShutdownTimeout, unless set

    private static ContainerSettings Settings => new(Values(Service, "Environment")
        .Select(variable => variable.Split('=', 2))
        .Where(variable => !variable[0].StartsWith("Kestrel__", StringComparison.Ordinal))
        .ToDictionary(variable => variable[0], variable => variable[1]));

    [Fact]
    public async Task Systemd_takes_the_units()
    {
        using TemporaryFolder folder = new();
        // The program is not installed here; all else is as it stands.
        string service = folder.Write(Service, Read(Service).Replace(Value(Service, "ExecStart"), "/bin/true", StringComparison.Ordinal));
        string socket = folder.Write(Socket, Read(Socket));

        ToolResult result = (await Tool.RunAsync("systemd-analyze", ["verify", "--man=no", service, socket])).Succeeded();

        Assert.DoesNotContain("header-server", result.Error, StringComparison.Ordinal); // whatever it says of other units of this system
    }

    [Fact]
    public void The_service_fits_into_its_memory_and_is_started_again_when_it_has_ended_itself()
    {
        string limit = Value(Service, "MemoryMax");

        Assert.True(KubernetesManifest.Bytes($"{limit.TrimEnd('M')}Mi") >= Settings.NeededMemory);
        Assert.Equal(("always", "notify"), (Value(Service, "Restart"), Value(Service, "Type")));
        Assert.True(Settings.Options.Restart.SelfDrain);
        Assert.True(Number(Service, "TimeoutStopSec") > HostShutdownTimeout);
        Assert.Equal(Socket, Value(Service, "Requires"));
    }

    /// <summary>It is for processes that hang, whose liveness is asked for no longer here than there.</summary>
    [Fact]
    public void The_watchdog_waits_as_long_as_a_kubelet_would()
    {
        Yaml liveness = KubernetesManifest.ReadBase().Container["livenessProbe"];

        Assert.Equal(liveness["periodSeconds"].Number * liveness["failureThreshold"].Number, Number(Service, "WatchdogSec"));
    }

    private static string Read(string unit) => RepositoryFile.Read($"deploy/systemd/{unit}").ReplaceLineEndings("\n");

    private static IEnumerable<string> Values(string unit, string key) =>
        Read(unit).Split('\n').Where(line => line.StartsWith($"{key}=", StringComparison.Ordinal)).Select(line => line[(key.Length + 1)..]);

    private static string Value(string unit, string key) => Assert.Single(Values(unit, key));

    private static int Number(string unit, string key) => int.Parse(Value(unit, key), CultureInfo.InvariantCulture);
}
