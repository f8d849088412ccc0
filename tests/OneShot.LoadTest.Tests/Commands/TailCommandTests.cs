using System.Text.Json;
using OneShot.LoadTest.Processes;

namespace OneShot.LoadTest.Tests.Commands;

public class TailCommandTests
{
    /// <summary>A few seconds of what takes an hour: all sides, a budget that is spent before the end of its turn.</summary>
    [Fact]
    public async Task A_short_form_has_every_side_its_collections_and_a_budget_that_is_spent()
    {
        DirectoryInfo folder = Directory.CreateTempSubdirectory("oneshot-tail-");
        try
        {
            string file = Path.Combine(folder.FullName, "result.json");
            ProgramResult run = await LoadTestProgram.RunAsync(
                ["tail", "--garbage", "50000", "--rate", "400", "-d", "3", "--warm-up", "1", "-c", "8", "--live", "32", "--heap-budget", "32MiB", "--gen0size", "64", "--json", file, "--report", Path.Combine(folder.FullName, "report.md")]);

            Assert.Equal("", run.Error);
            Assert.Equal(ExitCode.Success, run.ExitCode);
            Assert.Contains("front + budget 32MiB: budget spent", run.Output, StringComparison.Ordinal);
            Assert.True(File.Exists(Path.Combine(folder.FullName, "report-latency-50000.svg")));
            Assert.True(File.Exists(Path.Combine(folder.FullName, "report-pauses-50000.svg")));

            using JsonDocument json = JsonDocument.Parse(await File.ReadAllTextAsync(file, TestContext.Current.CancellationToken));
            JsonElement[] turns = [.. json.RootElement.GetProperty("sets")[0].GetProperty("turns").EnumerateArray()];
            Assert.Equal(["Stock", "Front", "Budget", "Gen0Size"], turns.Select(turn => turn.GetProperty("side").GetString()));
            Assert.All(turns, turn => Assert.Equal(1_200, turn.GetProperty("requests").GetInt64()));
            Assert.All(turns, turn => Assert.True(turn.GetProperty("tail").GetProperty("longest").GetDouble() > 0));
            Assert.All(turns, turn => Assert.True(turn.GetProperty("machine").GetProperty("longest").GetDouble() > 0));
            Assert.All(turns, turn => Assert.Equal(JsonValueKind.Null, turn.GetProperty("tail").GetProperty("p9999").ValueKind));

            // 20 MB of garbage in the warm-up and 60 behind it: 32 MiB are spent within the turn, by a collection.
            Assert.Contains(turns[2].GetProperty("marks").EnumerateArray(), mark => mark.GetProperty("event").GetString() == "Spent");
            Assert.NotEqual(0, turns[2].GetProperty("pauses").GetArrayLength());
            Assert.All(turns[2].GetProperty("pauses").EnumerateArray(), pause => Assert.True(pause.GetProperty("microseconds").GetDouble() > 0));
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    [Fact]
    public async Task While_a_budget_lasts_there_is_no_pause()
    {
        string file = Path.GetTempFileName();
        try
        {
            ProgramResult run = await LoadTestProgram.RunAsync(
                ["tail", "--sides", "budget", "--garbage", "10000", "--rate", "400", "-d", "2", "--warm-up", "0", "-c", "8", "--live", "32", "--heap-budget", "256MiB", "--json", file]);

            Assert.Equal("", run.Error);
            Assert.Equal(ExitCode.Success, run.ExitCode);
            using JsonDocument json = JsonDocument.Parse(await File.ReadAllTextAsync(file, TestContext.Current.CancellationToken));
            JsonElement turn = json.RootElement.GetProperty("sets")[0].GetProperty("turns")[0];
            Assert.Equal(0, turn.GetProperty("pauses").GetArrayLength());
            Assert.Equal(0, turn.GetProperty("gc").GetProperty("gen0").GetInt32());
            Assert.Equal(["Entered"], turn.GetProperty("marks").EnumerateArray().Select(mark => mark.GetProperty("event").GetString()));
        }
        finally
        {
            File.Delete(file);
        }
    }

    /// <summary>The last of three replicas is half way to its restart at the start. The others have a third of a life between them, which takes longer than a restart here.</summary>
    [Fact]
    public async Task Replicas_of_a_budget_are_restarted_under_load_and_not_one_request_fails()
    {
        Assert.SkipWhen(Executables.Find("haproxy") is null, "haproxy is not installed.");
        DirectoryInfo folder = Directory.CreateTempSubdirectory("oneshot-tail-");
        try
        {
            string file = Path.Combine(folder.FullName, "result.json");
            ProgramResult run = await LoadTestProgram.RunAsync(
                ["tail", "--sides", "budget", "--replicas", "3", "--garbage", "20000", "--rate", "60", "-d", "20", "--warm-up", "1", "-c", "8", "--live", "0", "--heap-budget", "16MiB", "--drain-delay", "2", "--json", file, "--report", Path.Combine(folder.FullName, "report.md")]);

            Assert.Equal("", run.Error);
            Assert.Equal(ExitCode.Success, run.ExitCode);
            using JsonDocument json = JsonDocument.Parse(await File.ReadAllTextAsync(file, TestContext.Current.CancellationToken));
            JsonElement turn = json.RootElement.GetProperty("sets")[0].GetProperty("turns")[0];
            JsonElement replicas = turn.GetProperty("replicas");
            Assert.Equal(1_200, turn.GetProperty("requests").GetInt64());
            Assert.Equal(0, turn.GetProperty("failed").GetInt64());
            Assert.NotEqual(0, replicas.GetProperty("restarts").GetArrayLength());
            Assert.All(replicas.GetProperty("restarts").EnumerateArray(), restart => Assert.Equal("Draining", restart.GetProperty("phase").GetString()));
            Assert.Equal(0, replicas.GetProperty("lostLives").GetInt32());
            Assert.True(turn.GetProperty("cpuMicroseconds").GetDouble() > 0);
            Assert.Contains("restarts</text>", await File.ReadAllTextAsync(Path.Combine(folder.FullName, "report-latency-20000.svg"), TestContext.Current.CancellationToken), StringComparison.Ordinal);
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    [Fact]
    public async Task A_budget_that_makes_no_sense_is_refused_in_the_servers_words()
    {
        ProgramResult run = await LoadTestProgram.RunAsync(["tail", "--sides", "budget", "--live", "0", "--heap-budget", "lots"]);

        Assert.Equal(ExitCode.CannotRun, run.ExitCode);
        Assert.Contains("OneShot:Heap:Budget is 'lots'", run.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_server_that_does_not_start_is_quoted()
    {
        using FakeProgram server = new("echo 'I cannot' >&2; exit 9");

        ProgramResult run = await LoadTestProgram.RunAsync(["tail", "--server", server.File]);

        Assert.Equal(ExitCode.CannotRun, run.ExitCode);
        Assert.Equal("loadtest: The server (Kestrel/Sockets) ended at its start with exit code 9: I cannot", run.Error.Trim());
    }

    [Theory]
    [InlineData("--rate", "0", "--rate is 0: give 1 to 1000000.")]
    [InlineData("--duration", "0", "--duration is 0: give 1 to 86400.")]
    [InlineData("--rounds", "0", "--rounds is 0: give 1 to 1000.")]
    [InlineData("--replicas", "0", "--replicas is 0: give 1 to 64.")]
    [InlineData("--drain-delay", "0", "--drain-delay is 0: give 1 to 600.")]
    [InlineData("--connections", "0", "--connections is 0: give 1 to 10000.")]
    [InlineData("--live", "-1", "--live is -1: give 0 to 65536.")]
    [InlineData("--garbage", "2000000", "--garbage: give 0 to 1048576.")]
    [InlineData("--garbage", "much", "'much'")]
    [InlineData("--transport", "Quic", "'Quic'")]
    [InlineData("--sides", "stock,nginx", "'nginx' is no side")]
    [InlineData("--server", "/nowhere/HeaderServer.dll", "There is no server at '/nowhere/HeaderServer.dll'")]
    public async Task Nonsense_is_refused_before_anything_starts(string option, string value, string message)
    {
        ProgramResult run = await LoadTestProgram.RunAsync(["tail", option, value]);

        Assert.NotEqual(ExitCode.Success, run.ExitCode);
        Assert.Contains(message, run.Error, StringComparison.Ordinal);
    }
}
