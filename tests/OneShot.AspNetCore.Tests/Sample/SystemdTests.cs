using System.Net.Sockets;
using System.Text;
using HeaderServer.Systemd;

namespace OneShot.AspNetCore.Tests.Sample;

/// <summary>The sample as a service: what it tells its manager, and whose sockets it takes. The restarts themselves are drilled by the load test.</summary>
public sealed class SystemdTests : IDisposable
{
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(60);

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("oneshot-");
    private readonly Socket _manager = new(AddressFamily.Unix, SocketType.Dgram, ProtocolType.Unspecified);

    public void Dispose()
    {
        _manager.Dispose();
        _folder.Delete(recursive: true);
    }

    [Fact]
    public async Task It_says_when_it_is_ready_and_that_it_is_alive_twice_in_the_watchdogs_time()
    {
        await using SampleProcess sample = await StartAsync();

        List<string> said = [];
        while (said.Count(state => state == "WATCHDOG=1") < 3 || !said.Contains("READY=1"))
        {
            said.Add(await ReceiveAsync());
        }

        Assert.Equal(["READY=1", "WATCHDOG=1"], said.Distinct().Order());
    }

    [Fact]
    public async Task A_process_whose_liveness_fails_is_alive_no_more()
    {
        await using SampleProcess sample = await StartAsync(
            "--OneShot:Capacity=1MiB", "--OneShot:Restart:WarnAt=0.001", "--OneShot:Restart:DrainAt=0.001", "--OneShot:Restart:LiveAt=0.001", "--OneShot:Restart:MinLife=00:00:00");
        using HttpClient client = new() { BaseAddress = Assert.Single(sample.Addresses) };
        client.DefaultRequestHeaders.Add("X-Large", new string('x', 8 << 10));
        Assert.Equal("WATCHDOG=1", await UntilAsync("WATCHDOG=1"));

        await client.GetAsync(new Uri("/headers", UriKind.Relative), TestContext.Current.CancellationToken);

        // Those from before it stand in the queue. Then comes none for ten times as long as they are apart; on a busy machine that may take a while.
        byte[] buffer = new byte[256];
        for (int said = 0; said < 100; said++)
        {
            using CancellationTokenSource quiet = new(TimeSpan.FromSeconds(2));
            try
            {
                await _manager.ReceiveAsync(buffer, quiet.Token);
            }
            catch (OperationCanceledException)
            {
                return;
            }
        }

        Assert.Fail("It says that it is alive for ever.");
    }

    [Theory]
    [InlineData(null, "1")]
    [InlineData("1", "1")]
    [InlineData("own", null)]
    [InlineData("own", "0")]
    [InlineData("own", "x")]
    public void Sockets_of_another_process_are_not_taken(string? process, string? count) =>
        Assert.False(SocketActivation.IsForThisProcess(process == "own" ? $"{Environment.ProcessId}" : process, count));

    [Fact]
    public void Sockets_for_this_process_are() => Assert.True(SocketActivation.IsForThisProcess($"{Environment.ProcessId}", "1"));

    [Theory]
    [InlineData(null, null)]
    [InlineData("0", null)]
    [InlineData("15s", null)]
    [InlineData("15000000", 7.5)]
    public void It_is_alive_twice_in_the_watchdogs_time(string? microseconds, double? seconds) =>
        Assert.Equal(seconds, ServiceNotifications.Interval(microseconds)?.TotalSeconds);

    private Task<SampleProcess> StartAsync(params string[] arguments)
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "There is no service manager that listens on a datagram socket.");
        string path = Path.Combine(_folder.FullName, "notify");
        _manager.Bind(new UnixDomainSocketEndPoint(path));
        return SampleProcess.StartAsync(["--urls", "http://127.0.0.1:0", .. arguments], ("NOTIFY_SOCKET", path), ("WATCHDOG_USEC", "400000"));
    }

    private async Task<string> UntilAsync(string state)
    {
        string said;
        do
        {
            said = await ReceiveAsync();
        }
        while (said != state);

        return said;
    }

    private async Task<string> ReceiveAsync()
    {
        byte[] buffer = new byte[256];
        using CancellationTokenSource patience = new(s_patience);
        return Encoding.UTF8.GetString(buffer, 0, await _manager.ReceiveAsync(buffer, patience.Token));
    }
}
