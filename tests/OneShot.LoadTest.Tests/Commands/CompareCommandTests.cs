using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Text.Json;
using OneShot.LoadTest.Processes;

namespace OneShot.LoadTest.Tests.Commands;

public class CompareCommandTests
{
    [Fact]
    public async Task A_short_comparison_has_requests_on_both_sides_and_nothing_failed()
    {
        SkipWithoutWrk();
        DirectoryInfo folder = Directory.CreateTempSubdirectory("oneshot-compare-");
        try
        {
            string file = Path.Combine(folder.FullName, "new", "result.json");
            ProgramResult compared = await LoadTestProgram.RunAsync(
                ["compare", "--tool", "wrk", "-n", "1", "-d", "1", "--warm-up", "0", "-c", "2", "--capacity", "1GiB", "--headers", "browser", "--path", "/headers", "--sides", "Kestrel/Sockets,OneShot/Sockets", "--json", file, "--report", Path.Combine(folder.FullName, "report.md")]);

            Assert.Equal("", compared.Error);
            Assert.Equal(ExitCode.Success, compared.ExitCode);
            Assert.Contains("Requests/s of OneShot/Sockets round by round", compared.Output, StringComparison.Ordinal);
            Assert.True(File.Exists(Path.Combine(folder.FullName, "report-ratios.svg")));

            using JsonDocument json = JsonDocument.Parse(await File.ReadAllTextAsync(file, TestContext.Current.CancellationToken));
            JsonElement runs = json.RootElement.GetProperty("sets")[0].GetProperty("rounds")[0].GetProperty("runs");
            Assert.Equal(["Kestrel/Sockets", "OneShot/Sockets"], runs.EnumerateArray().Select(run => run.GetProperty("side").GetProperty("name").GetString()));
            foreach (JsonElement run in runs.EnumerateArray())
            {
                Assert.True(run.GetProperty("load").GetProperty("requests").GetInt64() > 0);
                Assert.Equal(JsonValueKind.Null, run.GetProperty("load").GetProperty("failure").ValueKind);
                Assert.True(run.GetProperty("cost").GetProperty("cpuMicroseconds").GetDouble() > 0);
            }

            // The head of a browser's request is about 750 bytes: it is in the arena, whatever else is.
            Assert.InRange(runs[1].GetProperty("cost").GetProperty("memory").GetProperty("arenaBytes").GetDouble(), 650, 4_000);
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    [Theory]
    [InlineData("Kestrel/OneShot,OneShot/OneShot,OneShot/Sockets", "--post", "5000")]
    [InlineData("OneShot/OneShot,Kestrel/Sockets", "--tls", "--pipeline", "4")]
    [InlineData("Kestrel/Sockets,Nginx", "--tls", "--post", "0")]
    [InlineData("Nginx,OneShot/Sockets")]
    public async Task Any_sides_can_be_compared_with_bodies_and_over_TLS(string sides, params string[] more)
    {
        SkipWithoutWrk();
        Assert.SkipUnless(OperatingSystem.IsLinux(), "The transport and nginx' processor time need Linux.");
        Assert.SkipWhen(sides.Contains("Nginx", StringComparison.Ordinal) && Executables.Find("nginx") is null, "nginx is not installed.");

        ProgramResult run = await LoadTestProgram.RunAsync(
            ["compare", "--tool", "wrk", "--sides", sides, "-n", "1", "-d", "1", "--warm-up", "0", "-c", "2", "--capacity", "1GiB", "--headers", "browser", .. more]);

        Assert.Equal("", run.Error);
        Assert.Equal(ExitCode.Success, run.ExitCode);
        Assert.All(sides.Split(','), side => Assert.Contains($"│{side}", run.Output, StringComparison.Ordinal));
    }

    [Fact]
    public async Task Nginx_that_is_not_there_is_missed_when_it_is_named()
    {
        Assert.SkipWhen(File.Exists("/usr/sbin/nginx"), "nginx is where it is found with any PATH.");
        using FakeProgram wrk = new("exit 1", "wrk");

        ProgramResult run = await LoadTestProgram.RunAsync(["compare", "--tool", "wrk", "--sides", "Kestrel/Sockets,Nginx"], ("PATH", wrk.Folder));

        Assert.Equal(ExitCode.CannotRun, run.ExitCode);
        Assert.StartsWith("loadtest: --sides names Nginx, and", run.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Bodies_need_wrk()
    {
        using FakeProgram tool = new("echo ' --latencies'", "bombardier");

        ProgramResult run = await LoadTestProgram.RunAsync(["compare", "--bombardier", tool.File, "--post", "16"]);

        Assert.Equal("loadtest: Bombardier sends no bodies here: --post 16 needs --tool wrk.", run.Error.Trim());
    }

    [Fact]
    public async Task Without_a_tool_it_says_where_to_get_one()
    {
        ProgramResult run = await LoadTestProgram.RunAsync(["compare"], ("PATH", "/nowhere"));

        Assert.Equal(ExitCode.CannotRun, run.ExitCode);
        Assert.Equal("loadtest: Neither bombardier nor wrk is on the PATH: get it from github.com/codesenberg/bombardier and give --bombardier PATH, or install wrk.", run.Error.Trim());
    }

    [Fact]
    public async Task The_game_of_that_name_is_recognised()
    {
        using FakeProgram game = new("echo 'Press any key'", "bombardier");

        ProgramResult run = await LoadTestProgram.RunAsync(["compare", "--bombardier", game.File]);

        Assert.Equal(ExitCode.CannotRun, run.ExitCode);
        Assert.Contains("is not the HTTP benchmarking tool", run.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Garbage_from_a_tool_is_shown()
    {
        using FakeProgram tool = new("if [ \"$1\" = --help ]; then echo ' --latencies'; else echo 'Segmentation fault, sort of'; fi", "bombardier");

        ProgramResult run = await LoadTestProgram.RunAsync(["compare", "--bombardier", tool.File, "--headers", "tiny"]);

        Assert.Equal(ExitCode.CannotRun, run.ExitCode);
        Assert.Contains("Bombardier's output is not its JSON result", run.Error, StringComparison.Ordinal);
        Assert.Contains("Segmentation fault, sort of", run.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_port_in_use_is_named()
    {
        SkipWithoutWrk();
        using TcpListener other = new(IPAddress.Loopback, 0);
        other.Start();
        int port = ((IPEndPoint)other.LocalEndpoint).Port;

        ProgramResult run = await LoadTestProgram.RunAsync(["compare", "--tool", "wrk", "--port", $"{port}"]);

        Assert.Equal(ExitCode.CannotRun, run.ExitCode);
        Assert.Equal($"loadtest: Port {port} is in use (--port): choose another, or 0 for any free one.", run.Error.Trim());
    }

    [Fact]
    public async Task A_server_that_does_not_start_is_quoted()
    {
        SkipWithoutWrk();
        using FakeProgram server = new("echo 'I cannot' >&2; exit 9");

        ProgramResult run = await LoadTestProgram.RunAsync(["compare", "--tool", "wrk", "--server", server.File]);

        Assert.Equal(ExitCode.CannotRun, run.ExitCode);
        Assert.Equal("loadtest: The server (Kestrel/Sockets) ended at its start with exit code 9: I cannot", run.Error.Trim());
    }

    [Fact]
    public async Task An_address_that_gives_no_2xx_is_not_measured()
    {
        SkipWithoutWrk();

        ProgramResult run = await LoadTestProgram.RunAsync(["compare", "--tool", "wrk", "--path", "/missing", "--headers", "tiny"]);

        Assert.Equal(ExitCode.Failed, run.ExitCode);
        Assert.Contains("with 404: a load test needs a 2xx", run.Error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("--rounds", "0", "--rounds is 0: give 1 to 1000.")]
    [InlineData("--sides", "Kestrel/Sockets", "names one side only")]
    [InlineData("--sides", "Kestrel/Sockets,Apache", "'Apache' is no side")]
    [InlineData("--post", "5000000", "--post is 5000000: give 0 to 4194304.")]
    [InlineData("--headers", "huge", "'huge'")]
    [InlineData("--tool", "ab", "'ab'")]
    [InlineData("--server", "/nowhere/HeaderServer.dll", "There is no server at '/nowhere/HeaderServer.dll'")]
    public async Task Nonsense_is_refused_before_anything_starts(string option, string value, string message)
    {
        ProgramResult run = await LoadTestProgram.RunAsync(["compare", option, value]);

        Assert.NotEqual(ExitCode.Success, run.ExitCode);
        Assert.Contains(message, run.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Ctrl_C_ends_the_servers_and_the_tool()
    {
        SkipWithoutWrk();
        Assert.SkipUnless(OperatingSystem.IsLinux(), "Reads the children from /proc.");
        using LoadTestProgram program = LoadTestProgram.Start("round 1", "compare", "--tool", "wrk", "-n", "1", "-d", "60", "--warm-up", "0", "--headers", "tiny");
        await program.LineAsync();
        string[] children = ChildrenOf(program.Id);
        Assert.True(children.Length >= 2, $"{program.Id} has the children {string.Join(", ", children)}.");

        using Process kill = Process.Start("kill", ["-INT", $"{program.Id}"]);
        ProgramResult run = await program.EndAsync();

        Assert.Equal(ExitCode.Cancelled, run.ExitCode);
        Assert.Contains("cancelled", run.Error, StringComparison.Ordinal);
        Assert.All(children, id => Assert.False(Directory.Exists($"/proc/{id}"), $"Process {id} was left behind."));
    }

    /// <summary>By their parent, the second field behind the name in parentheses: a list by thread (<c>children</c>) is not on every kernel, and loses threads that end.</summary>
    private static string[] ChildrenOf(int parent) =>
        [.. Directory.EnumerateDirectories("/proc").Select(folder => Path.GetFileName(folder)!).Where(name => char.IsAsciiDigit(name[0]) && ParentOf(name) == $"{parent}")];

    private static string? ParentOf(string process)
    {
        try
        {
            string stat = File.ReadAllText($"/proc/{process}/stat");
            return stat[(stat.LastIndexOf(')') + 2)..].Split(' ')[1];
        }
        catch (IOException)
        {
            return null; // ended meanwhile
        }
    }

    private static void SkipWithoutWrk() => Assert.SkipWhen(Executables.Find("wrk") is null, "wrk is not installed.");
}
