using OneShot.LoadTest.Tests.Data;
using OneShot.LoadTest.Tools;
using OneShot.LoadTest.Tools.Bombardier;

namespace OneShot.LoadTest.Tests.Tools;

public class BombardierToolTests
{
    private const string Help = "echo 'usage: bombardier [<flags>] <url>'; echo '  -l, --latencies  Print latency statistics'";

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    private static LoadPlan Plan => new(new Uri("http://127.0.0.1:5000/plaintext"), HeaderSets.Browser, 32, TimeSpan.FromSeconds(3));

    [Fact]
    public async Task A_program_with_the_right_help_is_run_and_read()
    {
        using FakeProgram program = new($"if [ \"$1\" = --help ]; then {Help}; else cat '{DataFile.PathOf("bombardier-fasthttp.json")}'; fi");
        BombardierTool tool = await BombardierTool.OpenAsync(program.File, Cancel);

        LoadOutcome outcome = await tool.RunAsync(Plan, Cancel);

        Assert.Equal(119_287, outcome.Requests);
    }

    [Fact]
    public async Task Another_program_of_that_name_is_refused()
    {
        using FakeProgram game = new("echo 'Drop bombs on the town. Keys: space'");

        LoadTestException exception = await Assert.ThrowsAsync<LoadTestException>(() => BombardierTool.OpenAsync(game.File, Cancel));

        Assert.Contains("is not the HTTP benchmarking tool", exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_tool_that_fails_is_quoted()
    {
        using FakeProgram program = new($"if [ \"$1\" = --help ]; then {Help}; else echo 'no such flag' >&2; exit 7; fi");
        BombardierTool tool = await BombardierTool.OpenAsync(program.File, Cancel);

        LoadTestException exception = await Assert.ThrowsAsync<LoadTestException>(() => tool.RunAsync(Plan, Cancel));

        Assert.Equal("program ended with exit code 7: no such flag", exception.Message);
    }

    [Fact]
    public void It_is_told_everything_it_needs()
    {
        string[] arguments = [.. BombardierTool.Arguments(Plan)];

        Assert.Equal(["--connections", "32", "--duration", "3000ms", "--timeout", "10s", "--print", "r", "--format", "json", "--latencies"], arguments[..11]);
        Assert.Equal(HeaderSets.Browser.Fields.Count, arguments.Count(argument => argument == "--header"));
        Assert.Contains("sec-ch-ua-mobile: ?0", arguments);
        Assert.DoesNotContain(arguments, argument => argument.Contains("{id}", StringComparison.Ordinal));
        Assert.Equal("http://127.0.0.1:5000/plaintext", arguments[^1]);
    }
}
