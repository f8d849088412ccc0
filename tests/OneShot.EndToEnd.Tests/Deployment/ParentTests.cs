namespace OneShot.EndToEnd.Tests.Deployment;

/// <summary>The script that is process 1 where servers start their own successors, in a process namespace of its own (unshare(1)).</summary>
public sealed class ParentTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task It_stays_until_the_last_generation_has_ended()
    {
        string server = _folder.Write("server.sh", """
            echo "begin $1"
            if [ "$1" -lt 3 ]; then sh "$0" $(($1 + 1)) & fi
            sleep 0.5
            echo "end $1"
            """);

        ToolResult result = await RunAsync("exec sh \"$@\"", server, "1");

        Assert.Equal(0, result.ExitCode);
        Assert.Equal(["begin 1", "begin 2", "begin 3", "end 1", "end 2", "end 3"], result.Output.Split('\n', StringSplitOptions.RemoveEmptyEntries).Order());
    }

    [Fact]
    public async Task It_passes_a_signal_on_to_the_generation_that_is_left()
    {
        string server = _folder.Write("server.sh", """
            trap 'echo "stopped $1"; exit 0' TERM
            if [ "$1" -lt 2 ]; then sh "$0" 2 $$ & exit 3; fi
            while kill -s 0 "$2" 2> /dev/null; do sleep 0.05; done
            kill -s TERM 1
            while :; do sleep 0.1; done
            """);

        ToolResult result = await RunAsync("exec sh \"$@\"", server, "1");

        Assert.Equal("stopped 2", result.Output.Trim());
        Assert.Equal(3, result.ExitCode); // the first has failed
    }

    [Theory] // a shell that is slow to get a turn sees the first's end, and the signal, before it asks for them: so many times over
    [InlineData("exit 3", 3)]
    [InlineData("trap 'exit 5' TERM; kill -s TERM 1; while :; do sleep 0.01; done", 5)]
    [InlineData("kill -s TERM 1; exit 7", 7, 128 + 15)]
    public async Task It_ends_as_the_first_did_however_soon_that_was(string first, params int[] codes)
    {
        string server = _folder.Write("server.sh", first);

        ToolResult[] results = await Task.WhenAll(Enumerable.Range(0, 40).Select(_ => RunAsync("exec sh \"$@\"", server)));

        Assert.All(results, result => Assert.Contains(result.ExitCode, codes));
    }

    [Fact]
    public async Task Elsewhere_it_refuses_since_it_would_signal_everybody()
    {
        ToolResult result = await Tool.RunAsync("sh", [RepositoryFile.PathOf("deploy/container/parent.sh"), "true"]);

        Assert.Equal(64, result.ExitCode);
        Assert.Contains("must be process 1", result.Error, StringComparison.Ordinal);
    }

    private static async Task<ToolResult> RunAsync(string script, params string[] arguments)
    {
        string[] space = ["--pid", "--fork", "--mount-proc", "--kill-child"];
        ToolResult probe = await Tool.RunAsync("unshare", [.. space, "true"]);
        Assert.SkipUnless(probe.ExitCode == 0, $"No process namespace can be made here: {probe.Error}");
        return await Tool.RunAsync("unshare", [.. space, "sh", "-c", script, "sh", RepositoryFile.PathOf("deploy/container/parent.sh"), "sh", .. arguments]);
    }
}
