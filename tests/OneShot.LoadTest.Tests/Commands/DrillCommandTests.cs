using OneShot.LoadTest.Processes;

namespace OneShot.LoadTest.Tests.Commands;

public class DrillCommandTests
{
    [Fact]
    public async Task Without_HAProxy_it_says_so()
    {
        ProgramResult run = await LoadTestProgram.RunAsync(["drill", "--haproxy", "/nowhere/haproxy"]);

        Assert.Equal(ExitCode.CannotRun, run.ExitCode);
        Assert.Equal("loadtest: There is no file '/nowhere/haproxy'.", run.Error.Trim());
    }

    [Fact]
    public async Task A_balancer_that_does_not_start_is_quoted()
    {
        using FakeProgram balancer = new("echo 'cannot bind socket' >&2; exit 1", "haproxy");

        ProgramResult run = await LoadTestProgram.RunAsync(["drill", "--haproxy", balancer.File, "--replicas", "1"]);

        Assert.Equal(ExitCode.CannotRun, run.ExitCode);
        Assert.Equal("loadtest: HAProxy ended with exit code 1: cannot bind socket", run.Error.Trim());
    }

    [Fact]
    public async Task A_replica_that_dies_at_its_start_is_quoted()
    {
        using FakeProgram server = new("echo 'I cannot' >&2; exit 9");
        using FakeProgram balancer = new("exit 1", "haproxy");

        ProgramResult run = await LoadTestProgram.RunAsync(["drill", "--haproxy", balancer.File, "--server", server.File]);

        Assert.Equal(ExitCode.CannotRun, run.ExitCode);
        Assert.Matches("^loadtest: Replica [1-5] ended at its start with exit code 9: I cannot$", run.Error.Trim());
    }

    [Fact]
    public async Task A_drill_without_enough_restarts_has_failed()
    {
        Assert.SkipWhen(Executables.Find("haproxy") is null, "haproxy is not installed.");

        ProgramResult run = await LoadTestProgram.RunAsync(["drill", "--replicas", "1", "--capacity", "64MiB", "--rate", "20", "--limit", "1"]);

        Assert.Equal(ExitCode.Failed, run.ExitCode);
        Assert.Contains("only 0 of 20 restarts within 1 s", run.Error, StringComparison.Ordinal);
    }
}
