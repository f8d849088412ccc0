using System.Collections.Concurrent;
using System.Diagnostics;
using OneShot.LoadTest.Servers;

namespace OneShot.LoadTest.Tests.Servers;

public class SampleServerTests
{
    private static readonly SampleSettings s_settings = new(Front.OneShot, "1MiB", "Never");

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task It_listens_on_a_free_port_and_tells_its_stats()
    {
        await using SampleServer server = await SampleServer.StartAsync(SampleLocation.Find(null), s_settings, Cancel);

        ServerStats stats = await server.ReadStatsAsync(Cancel);

        Assert.NotEqual(0, server.Address.Port);
        Assert.Equal(1 << 20, stats.ProcessArena.Capacity);
    }

    [Fact]
    public async Task It_tells_the_transport_it_was_asked_for()
    {
        await using SampleServer server = await SampleServer.StartAsync(SampleLocation.Find(null), s_settings with { Transport = Transport.Sockets }, Cancel);

        Assert.Equal("OneShot/Sockets", server.Name);
        Assert.Equal("Sockets", (await server.ReadStatsAsync(Cancel)).Transport);
    }

    [Fact]
    public async Task Over_TLS_it_shows_the_certificate_it_was_given()
    {
        using ServerCertificate certificate = new();
        await using SampleServer server = await SampleServer.StartAsync(SampleLocation.Find(null), s_settings with { Certificate = certificate }, Cancel);

        Assert.Equal("https", server.Address.Scheme);
        Assert.Equal(1 << 20, (await server.ReadStatsAsync(Cancel)).ProcessArena.Capacity);
    }

    [Fact]
    public async Task It_tells_its_figures_when_it_listens_and_when_it_has_stopped()
    {
        ConcurrentQueue<string> lines = [];
        await using (SampleServer server = await SampleServer.StartAsync(SampleLocation.Find(null), s_settings with { More = ["--OneShot:GcPauses=true"] }, Cancel, lines.Enqueue))
        {
            await server.ReadStatsAsync(Cancel);
        }

        (LifeFigures Figures, bool HasEnded)[] told = [.. lines.Select(LifeFigures.Read).Where(figures => figures is not null).Select(figures => figures!.Value)];

        Assert.Equal([false, true], told.Select(figures => figures.HasEnded));
        Assert.Equal([0, 1], told.Select(figures => figures.Figures.Stats.Requests));
        Assert.True(told[1].Figures.Stats.CpuMicroseconds > told[0].Figures.Stats.CpuMicroseconds);
    }

    [Fact]
    public async Task Unless_it_is_asked_for_pauses_it_tells_none()
    {
        ConcurrentQueue<string> lines = [];
        await using (await SampleServer.StartAsync(SampleLocation.Find(null), s_settings, Cancel, lines.Enqueue))
        {
        }

        Assert.NotEmpty(lines);
        Assert.All(lines, line => Assert.Null(LifeFigures.Read(line)));
    }

    [Fact]
    public void Its_transport_is_its_own_choice_unless_it_is_told()
    {
        Assert.DoesNotContain(s_settings.ToArguments(), argument => argument.StartsWith("--OneShot:Transport", StringComparison.Ordinal));
        Assert.Contains("--OneShot:Transport=OneShot", (s_settings with { Transport = Transport.OneShot }).ToArguments());
    }

    [Fact]
    public async Task A_server_that_ends_at_its_start_is_quoted()
    {
        using FakeProgram program = new("echo 'HeaderServer cannot start: no memory.' >&2; exit 3");

        LoadTestException exception = await Assert.ThrowsAsync<LoadTestException>(() => SampleServer.StartAsync(new SampleLocation(program.File), s_settings, Cancel));

        Assert.Equal("The server (OneShot) ended at its start with exit code 3: HeaderServer cannot start: no memory.", exception.Message);
        Assert.Equal(ExitCode.CannotRun, exception.ExitCode);
    }

    [Fact]
    public async Task A_server_that_dies_in_the_middle_ends_the_work()
    {
        await using SampleServer server = await SampleServer.StartAsync(SampleLocation.Find(null), s_settings, Cancel);
        TaskCompletionSource working = new(TaskCreationOptions.RunContinuationsAsynchronously);
        Task<int> work = server.WhileAliveAsync(
            async cancel =>
            {
                working.SetResult();
                await Task.Delay(Timeout.InfiniteTimeSpan, cancel);
                return 0;
            },
            Cancel);

        await working.Task;
        using Process process = Process.GetProcessById(server.ProcessId);
        process.Kill();

        LoadTestException exception = await Assert.ThrowsAsync<LoadTestException>(() => work);
        Assert.StartsWith("The server (OneShot) died with exit code 137 in the middle of the test", exception.Message, StringComparison.Ordinal);
        exception = await Assert.ThrowsAsync<LoadTestException>(() => server.ReadStatsAsync(Cancel));
        Assert.StartsWith("The server (OneShot) died with exit code 137", exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_taken_port_is_said_in_the_servers_words()
    {
        await using SampleServer first = await SampleServer.StartAsync(SampleLocation.Find(null), s_settings, Cancel);

        LoadTestException exception = await Assert.ThrowsAsync<LoadTestException>(
            () => SampleServer.StartAsync(SampleLocation.Find(null), s_settings with { Port = first.Address.Port }, Cancel));

        Assert.Contains("address already in use", exception.Message, StringComparison.Ordinal);
    }
}
