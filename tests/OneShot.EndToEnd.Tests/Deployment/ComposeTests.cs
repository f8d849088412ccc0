using System.Globalization;
using System.Text.RegularExpressions;

namespace OneShot.EndToEnd.Tests.Deployment;

/// <summary>The Compose file, with what it mounts and builds.</summary>
public sealed partial class ComposeTests
{
    private const string File = "docker-compose.yml";
    private const string HaproxyConfiguration = "deploy/haproxy/haproxy.cfg";
    private const int HostShutdownTimeout = 30; // seconds; HostOptions.ShutdownTimeout, unless set

    private static Yaml Services => Yaml.Documents(RepositoryFile.Read(File)).Single()["services"];

    private static Yaml[] Replicas => [Services["replica1"], Services["replica2"]];

    [Theory]
    [InlineData]
    [InlineData("--profile", "loadtest")]
    public async Task Compose_takes_the_file(params string[] profile)
    {
        // The folder names the project, and Compose reads .env there: the repository's.
        string[] arguments = ["--project-directory", RepositoryFile.Root, "-f", RepositoryFile.PathOf(File), .. profile, "config", "--quiet"];

        ToolResult result = (await Tool.RunAsync("docker-compose", arguments)).Succeeded();

        Assert.Equal("", result.Error);
    }

    [Fact]
    public void What_it_mounts_and_builds_is_there()
    {
        foreach ((string name, Yaml service) in Services.Entries)
        {
            IEnumerable<string> mounts = service.Has("volumes") ? service["volumes"].Items.Select(volume => volume.Text.Split(':')[0]) : [];
            Assert.All(mounts.Where(source => source.StartsWith('.')), source => Assert.True(Directory.Exists(RepositoryFile.PathOf(source)), $"{name}: {source}"));
        }

        Assert.All(Replicas, replica => Assert.True(System.IO.File.Exists(RepositoryFile.PathOf(replica["build"]["dockerfile"].Text))));
        Assert.True(System.IO.File.Exists(RepositoryFile.PathOf($"{Services["loadtest"]["build"].Text}/Dockerfile")));
    }

    [Fact]
    public void A_replica_fits_into_its_memory_and_is_started_again_when_it_has_stopped_itself()
    {
        Assert.All(Replicas, replica =>
        {
            ContainerSettings settings = Settings(replica);
            Assert.True(KubernetesManifest.Bytes($"{WithDefaults(replica["mem_limit"]).TrimEnd('m')}Mi") >= settings.NeededMemory);
            Assert.True(settings.Options.Restart.SelfDrain);
            Assert.Equal("unless-stopped", replica["restart"].Text);
            Assert.True(Seconds(replica["stop_grace_period"].Text) > HostShutdownTimeout);
        });
    }

    [Fact]
    public void The_balancer_knows_the_replicas_and_notices_in_time_that_they_drain()
    {
        string configuration = RepositoryFile.Read(HaproxyConfiguration);
        string[] servers = [.. ServerLine().Matches(configuration).Select(match => match.Groups["address"].Value).Distinct()];
        Match check = CheckInterval().Match(configuration);
        int notices = int.Parse(check.Groups["seconds"].Value, CultureInfo.InvariantCulture) * int.Parse(check.Groups["fall"].Value, CultureInfo.InvariantCulture);

        Assert.Equal(["replica1:8080", "replica2:8080"], servers);
        Assert.All(Replicas, replica => Assert.True(2 * notices < Settings(replica).Options.Restart.DrainDelay.TotalSeconds));
    }

    [Fact]
    public async Task HAProxy_takes_its_configuration()
    {
        ToolResult result = await Tool.RunAsync("haproxy", ["-c", "-f", RepositoryFile.PathOf(HaproxyConfiguration)]);

        result.Succeeded();
        Assert.DoesNotContain("[ALERT]", result.Error, StringComparison.Ordinal);
    }

    [Fact]
    public void Everything_published_is_on_loopback() =>
        Assert.All(
            Services.Entries.Where(service => service.Value.Has("ports")).SelectMany(service => service.Value["ports"].Items),
            port => Assert.StartsWith("127.0.0.1:", port.Text, StringComparison.Ordinal));

    private static ContainerSettings Settings(Yaml replica) => new(
        replica["environment"].Entries.ToDictionary(entry => entry.Key, entry => WithDefaults(entry.Value)));

    /// <summary>With the defaults that the file gives for variables of the shell.</summary>
    private static string WithDefaults(Yaml value) => VariableWithDefault().Replace(value.Text, "${default}");

    private static int Seconds(string duration) => int.Parse(duration.TrimEnd('s'), CultureInfo.InvariantCulture);

    [GeneratedRegex(@"\$\{\w+:-(?<default>[^}]*)\}", RegexOptions.ExplicitCapture)]
    private static partial Regex VariableWithDefault();

    [GeneratedRegex(@"^ +server \w+ (?<address>\S+)", RegexOptions.Multiline | RegexOptions.ExplicitCapture)]
    private static partial Regex ServerLine();

    [GeneratedRegex(@"inter ""\$\{CHECK_INTERVAL-(?<seconds>\d+)s\}"" fall (?<fall>\d+)", RegexOptions.ExplicitCapture)]
    private static partial Regex CheckInterval();
}
