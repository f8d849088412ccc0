using System.Text.Json;
using OneShot.LoadTest.Processes;

namespace OneShot.LoadTest.Tests.Commands;

public class GatewayCommandTests
{
    [Fact]
    public async Task A_short_comparison_has_requests_on_every_side_and_the_cache_saves_memory()
    {
        SkipWithoutWrk();
        Assert.SkipUnless(OperatingSystem.IsLinux(), "The transport needs Linux.");
        DirectoryInfo folder = Directory.CreateTempSubdirectory("oneshot-gateway-");
        try
        {
            string file = Path.Combine(folder.FullName, "result.json");
            ProgramResult run = await LoadTestProgram.RunAsync(
                ["gateway", "--tool", "wrk", "--sides", "stock,all", "--routes", "proxied", "-n", "1", "-d", "1", "--warm-up", "1", "-c", "4", "--subjects", "3", "--json", file, "--report", Path.Combine(folder.FullName, "report.md")]);

            Assert.Equal("", run.Error);
            Assert.Equal(ExitCode.Success, run.ExitCode);
            Assert.Contains("│stock", run.Output, StringComparison.Ordinal);
            Assert.Contains("| all |", await File.ReadAllTextAsync(Path.Combine(folder.FullName, "report.md"), TestContext.Current.CancellationToken), StringComparison.Ordinal);
            using JsonDocument json = JsonDocument.Parse(await File.ReadAllTextAsync(file, TestContext.Current.CancellationToken));
            double[] bytes = [.. json.RootElement.GetProperty("routes")[0].GetProperty("sides").EnumerateArray().Select(static side => side.GetProperty("memory").GetProperty("managedBytes").GetDouble())];
            Assert.True(bytes[1] < bytes[0], $"{bytes[0]} bytes a request on stock Kestrel, {bytes[1]} with all.");
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    [Theory]
    [InlineData("--sides", "stock", "names one side only")]
    [InlineData("--routes", "nowhere", "'nowhere'")]
    [InlineData("--subjects", "0", "--subjects is 0: give 1 to 500.")]
    [InlineData("--server", "/nowhere/Gateway.dll", "There is no server at '/nowhere/Gateway.dll' (--server): give the path of Gateway or Gateway.dll.")]
    public async Task Nonsense_is_refused_before_anything_starts(string option, string value, string message)
    {
        ProgramResult run = await LoadTestProgram.RunAsync(["gateway", option, value]);

        Assert.NotEqual(ExitCode.Success, run.ExitCode);
        Assert.Contains(message, run.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_backend_that_does_not_start_is_quoted()
    {
        SkipWithoutWrk();
        using FakeProgram server = new("echo 'I cannot' >&2; exit 9");

        ProgramResult run = await LoadTestProgram.RunAsync(["gateway", "--tool", "wrk", "--server", server.File]);

        Assert.Equal(ExitCode.CannotRun, run.ExitCode);
        Assert.Equal("loadtest: The server (backend) ended at its start with exit code 9: I cannot", run.Error.Trim());
    }

    private static void SkipWithoutWrk() => Assert.SkipWhen(Executables.Find("wrk") is null, "wrk is not installed.");
}
