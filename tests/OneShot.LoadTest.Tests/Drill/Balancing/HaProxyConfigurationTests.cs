using OneShot.LoadTest.Drill.Balancing;

namespace OneShot.LoadTest.Tests.Drill.Balancing;

public class HaProxyConfigurationTests
{
    [Fact]
    public void Only_the_server_lines_of_the_operators_file_are_others()
    {
        string template = File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "haproxy.cfg"));

        string[] before = template.ReplaceLineEndings("\n").Split('\n');
        string[] after = HaProxyConfiguration.For(template, [20_001, 20_002, 20_003]).Split('\n');

        Assert.Equal(before.Where(line => !IsServer(line)), after.Where(line => !IsServer(line)).SkipLast(1));
        string[] replicas = ["    server replica1 127.0.0.1:20001", "    server replica2 127.0.0.1:20002", "    server replica3 127.0.0.1:20003"];
        Assert.Equal([.. replicas, .. replicas], after.Where(IsServer)); // of the replicas, and of the last resort
        Assert.True(Array.FindIndex(after, IsServer) > Array.FindIndex(after, line => line.StartsWith("backend ", StringComparison.Ordinal)));
    }

    [Fact]
    public void A_file_without_servers_is_refused() =>
        Assert.Contains("no 'server' lines", Assert.Throws<LoadTestException>(() => HaProxyConfiguration.For("global\n", [1])).Message, StringComparison.Ordinal);

    private static bool IsServer(string line) => line.StartsWith("    server ", StringComparison.Ordinal);
}
